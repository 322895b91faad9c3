import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cpuMsOf } from '../../driver/process-use.ts';
import { CAPACITY } from '../../mainstay/cluster.ts';
import { withPostgres } from '../../servers/with-postgres.ts';
import { withRedis } from '../../servers/with-redis.ts';
import { CHAIN, measureLoad } from '../chain-load.ts';
import type { Part, Scene } from '../part.ts';
import { type Site, withSite } from '../site.ts';
import { commandCalls, type Counters, perSecond, statementsIn } from './counters.ts';
import { type IdleFigures, idleReport } from './idle-report.ts';

const SECONDS = 60;
const QUICK_SECONDS = 15;
const STATEMENT_SECONDS = 15;
/** After the last run, until nothing follows from it any more. */
const SETTLE_MS = 10_000;

/** An orchestrator and a worker that have had work and have none now. */
export function idle(quick: boolean): Part {
  return {
    name: 'idle',
    title: 'an orchestrator and a worker without work',
    limitMs: 240_000,
    measure: (scene) =>
      withSite(scene, { name: 'idle' }, async (site) => {
        const figures = await measure(scene, site, quick ? QUICK_SECONDS : SECONDS);
        return { figures, report: idleReport(figures) };
      }),
  };
}

async function measure({ servers, signal, onProgress }: Scene, site: Site, wanted: number): Promise<IdleFigures> {
  const orchestrator = await site.installation.startOrchestrator();
  const worker = await site.installation.startWorker(CAPACITY);
  const runs = await site.runsAt(orchestrator);
  await measureLoad([runs], { pipeline: CHAIN, warmUpRuns: 0, runs: 50, inFlight: 10 });
  await runs.close();
  await delay(SETTLE_MS, undefined, { signal });
  onProgress(`idle for ${wanted} s`);
  const pids = {
    orchestrator: orchestrator.program.pid,
    worker: worker.pid,
    postgres: servers.postgres.pid,
    redis: servers.redis.everysec.pid,
  };
  const look = async (): Promise<Look> => ({
    at: performance.now(),
    cpuMs: Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, cpuMsOf(pid) ?? 0])),
    commands: await withRedis(site.redisUrl, async (client) => commandCalls(await client.info('commandstats'))),
  });
  const transactionsBefore = await transactionsOf(servers.postgres.url, site.databaseUrl);
  const before = await look();
  await delay(wanted * 1_000, undefined, { signal });
  const after = await look();
  const seconds = (after.at - before.at) / 1_000;
  const transactions = (await transactionsOf(servers.postgres.url, site.databaseUrl)) - transactionsBefore;
  const statements = await statementsOf(servers, site, signal);
  return {
    seconds,
    cores: Object.fromEntries(Object.entries(after.cpuMs).map(([name, ms]) => [name, (ms - (before.cpuMs[name] ?? ms)) / seconds / 1_000])),
    transactionsPerSecond: transactions / seconds,
    statementsPerSecond: Object.values(statements).reduce((sum, value) => sum + value, 0),
    statementSeconds: STATEMENT_SECONDS,
    statements,
    commands: withoutLook(perSecond(before.commands, after.commands, seconds)),
  };
}

interface Look {
  readonly at: number;
  readonly cpuMs: Counters;
  readonly commands: Counters;
}

/** Without the commands of the looks themselves. */
function withoutLook(commands: Counters): Counters {
  return Object.fromEntries(Object.entries(commands).filter(([name]) => name !== 'info' && name !== 'auth'));
}

async function transactionsOf(serverUrl: string, databaseUrl: string): Promise<number> {
  const sql = 'select (xact_commit + xact_rollback)::int as n from pg_stat_database where datname = $1';
  return withPostgres(serverUrl, async (client) => (await client.query<{ n: number }>(sql, [nameOf(databaseUrl)])).rows[0]?.n ?? 0);
}

/** Per second: Postgres logs all statements for a while. */
async function statementsOf(servers: Scene['servers'], site: Site, signal: AbortSignal): Promise<Counters> {
  const file = join(servers.folder, 'postgres', 'postgres.log');
  const set = async (...settings: readonly string[]): Promise<void> =>
    withPostgres(servers.postgres.url, async (client) => {
      for (const setting of settings) await client.query(`alter system ${setting}`);
      await client.query('select pg_reload_conf()');
    });
  await set(`set log_line_prefix = '[%d] '`, `set log_statement = 'all'`);
  try {
    await delay(1_000, undefined, { signal });
    const begin = readFileSync(file).length;
    await delay(STATEMENT_SECONDS * 1_000, undefined, { signal });
    const log = readFileSync(file).subarray(begin).toString('utf8');
    return perSecond({}, statementsIn(log, nameOf(site.databaseUrl)), STATEMENT_SECONDS);
  } finally {
    await set('reset log_statement', 'reset log_line_prefix');
  }
}

function nameOf(databaseUrl: string): string {
  return new URL(databaseUrl).pathname.slice(1);
}
