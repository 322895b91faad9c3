import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { makeTestFolder } from '@mainstay/services';
import pg from 'pg';
import { type InvariantCode, INVARIANTS, KNOWN_MIGRATIONS, verify, type VerifyProgress } from '@mainstay/verify';
import { DAMAGES } from './testing/damages.ts';
import { type History, makeHistory } from './testing/history.ts';

jest.setTimeout(180_000);

let history: History;
let close = (): Promise<void> => Promise.resolve();
let databases = 0;

beforeAll(async () => {
  history = await makeHistory();
  close = () => history.system.close();
});
afterAll(() => close());

const COMMAND = fileURLToPath(new URL('../../../apps/cli/bin/mainstay.mjs', import.meta.url));

async function runCommand(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', COMMAND, ...args], {
    env: { PATH: process.env['PATH'], ...env },
  });
  const ended = once(child, 'close') as Promise<[number]>;
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: (await ended)[0], stdout, stderr };
}

const address = (name: string): string => history.system.postgres.url.replace(/\/[^/]*$/, `/${name}`);

async function execute(url: string, ...statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const sql of statements) await client.query(sql);
  } finally {
    await client.end();
  }
}

/** A copy of the history's database, damaged. */
async function damaged(...statements: readonly string[]): Promise<string> {
  databases += 1;
  const name = `damaged_${String(databases)}`;
  await execute(address('postgres'), `create database ${name} template mainstay`);
  await execute(address(name), ...statements);
  return address(name);
}

test('a database passes while the system works', async () => {
  const seen: VerifyProgress[] = [];
  const report = await verify({ url: history.system.postgres.url, onProgress: (progress) => seen.push(progress) });
  await history.stop();
  expect(report.findings).toEqual([]);
  expect(report).toMatchObject({ ok: true, found: {}, runs: 12 });
  expect(report.repeatedAttempts).toBeGreaterThanOrEqual(3);
  expect(report.outputsCompared).toBeGreaterThanOrEqual(4);
  expect([seen[0]?.runs, seen.at(-1)]).toEqual([0, { runs: 12, of: 12, findings: 0 }]);
});

test('and after everything was stopped in mid-run', async () => {
  const report = await verify({ url: history.system.postgres.url });
  expect(report.findings).toEqual([]);
  expect(report.runsByStatus).toMatchObject({ suspended: 3, paused: 1, queued: 1, cancelled: 1, failed: 1 });
  expect(Object.values(report.runsByStatus).reduce((sum, n) => sum + n, 0)).toBe(12);
});

test('and when a run of it is told to be stalled', async () => {
  const stall = `jsonb_build_array(jsonb_build_object('seq', seq + 1, 'at', 0, 'type', 'run.stalled', 'data', '{"reason":"silent","since":0,"lastEventAt":0}'::jsonb))::text`;
  const id = `(select id from runs where status = 'suspended' limit 1)`;
  const url = await damaged(
    `insert into changes (run_id, last, tenant, at, events) select id, seq + 1, tenant, now(), ${stall} from runs where id = ${id}`,
    `update runs set seq = seq + 1 where id = ${id}`,
  );
  expect(await verify({ url })).toMatchObject({ ok: true, findings: [] });
});

describe('what is damaged is found', () => {
  test.each(DAMAGES)('$name: $code', async ({ run, sql, code, besides = [], whole }) => {
    const id = history.runs[run];
    const url = await damaged(sql.replaceAll(':run', `'${id}'`));
    const { ok, findings } = await verify({ url });
    expect(ok).toBe(false);
    const named = findings.filter((finding) => finding.code === code);
    expect(named.map((finding) => finding.run)).toContain(whole === true ? undefined : id);
    expect(findings.filter((finding) => ![code, ...besides].includes(finding.code))).toEqual([]);
  });

  test('every invariant has a damage that breaks it', () => {
    const broken = new Set<InvariantCode>(DAMAGES.map(({ code }) => code));
    expect(Object.keys(INVARIANTS).filter((code) => !broken.has(code as InvariantCode))).toEqual([]);
  });
});

describe('the command', () => {
  const run = async (...args: readonly string[]) => runCommand(['verify', ...args]);

  test('says that all is well, and exits with 0', async () => {
    const { code, stdout } = await run('--database', history.system.postgres.url);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('every invariant holds') });
    expect(stdout).toContain('12 runs');
  });

  test('says what is wrong with which run, and exits with 1', async () => {
    const url = await damaged(`update runs set finished_at = null where id = '${history.runs.chain}'`);
    const { code, stdout } = await run('--database', url);
    expect(code).toBe(1);
    expect(stdout).toContain(`FINAL_FIELDS run ${history.runs.chain}: the run is succeeded and has no end time`);
    const json = await run('--database', url, '--json');
    expect([json.code, JSON.parse(json.stdout)]).toEqual([1, expect.objectContaining({ ok: false, found: { FINAL_FIELDS: 1 } })]);
  });

  test('finds the database of npm start by its data folder', async () => {
    const { port, password } = history.system.postgres;
    const folder = await makeTestFolder();
    await mkdir(join(folder, 'services'));
    await writeFile(join(folder, 'services', 'state.json'), JSON.stringify({ postgres: { port, password }, processes: {} }));
    const { code, stderr } = await runCommand(['verify'], { MAINSTAY_DATA_DIR: folder });
    await rm(folder, { recursive: true });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test('says why it cannot check', async () => {
    expect(await run('--database', 'http://127.0.0.1')).toMatchObject({ code: 2, stderr: expect.stringContaining('--database must be') });
    expect(await run('--database', 'postgresql://nobody@127.0.0.1:9/none')).toMatchObject({ code: 3 });
    expect(await run('--database', address('postgres'))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no database of Mainstay'),
    });
  });
});

describe('reading', () => {
  test('tells of as many findings as wanted, and counts all', async () => {
    const url = await damaged('update runs set finished_at = case when finished_at is null then now() end');
    const { findings, found } = await verify({ url, maxFindings: 2 });
    expect([findings.length, found.FINAL_FIELDS]).toEqual([2, 12]);
  });

  test('changes nothing, and needs a user that may only read', async () => {
    const url = await damaged(
      `drop role if exists reader; create role reader login password 'reads-only'; grant pg_read_all_data to reader`,
    );
    const reader = new URL(url);
    reader.username = 'reader';
    reader.password = 'reads-only';
    expect((await verify({ url: reader.href })).ok).toBe(true);
  });

  test('ends when it is interrupted', async () => {
    const stop = new AbortController();
    const ended = verify({ url: history.system.postgres.url, signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) });
    await expect(ended).rejects.toThrow('enough');
  });
});

describe('what cannot be checked', () => {
  test('a server that is not there', async () => {
    await expect(verify({ url: 'postgresql://nobody@127.0.0.1:9/none' })).rejects.toMatchObject({ code: 'POSTGRES_UNAVAILABLE' });
  });

  test('a database of somebody else, of an older and of a newer schema', async () => {
    await expect(verify({ url: address('postgres') })).rejects.toMatchObject({ code: 'SCHEMA_TOO_OLD' });
    const older = await damaged(`delete from _prisma_migrations where migration_name <> '20261122000000_init'`);
    await expect(verify({ url: older })).rejects.toMatchObject({ code: 'SCHEMA_TOO_OLD' });
    const newer = await damaged(`update _prisma_migrations set migration_name = '20990101000000_later' where migration_name like '%room%'`);
    await expect(verify({ url: newer })).rejects.toMatchObject({
      code: 'SCHEMA_TOO_NEW',
      message: expect.stringContaining('20990101000000_later'),
    });
  });

  test('the schema that is understood is that of the orchestrator', () => {
    const folder = new URL('../../../apps/orchestrator/prisma/migrations/', import.meta.url);
    const migrations = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(migrations.map(({ name }) => name).sort()).toEqual([...KNOWN_MIGRATIONS]);
  });
});
