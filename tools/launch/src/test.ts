import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquireServices, LEAK_NOTES, notedLeaks, waitUntil } from '@mainstay/services';
import { type LeakWatch, watchForLeaks } from './leak-watch.ts';
import { processesWithMark } from './left-behind.ts';
import { REPOSITORY } from './settings.ts';
import { countTests, exitCodeFor, summaryLine, type TestCounts } from './test-result.ts';

/** Processes of the tests may take this long to end after jest has ended. */
const LEFT_BEHIND_MS = 10_000;

const folder = mkdtempSync(join(tmpdir(), 'mainstay-test-run-'));
try {
  process.exitCode = await runTests(process.argv.slice(2));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit();

/** Runs all tests with services that are acquired once; gives the exit code. */
async function runTests(args: readonly string[]): Promise<number> {
  const services = await acquireServices({
    dataDir: join(REPOSITORY, '.mainstay', 'test'),
    toolsDir: join(REPOSITORY, '.mainstay', 'tools'),
    env: {},
    onProgress: (line) => {
      console.log(line);
    },
  });
  const mark = randomUUID();
  const report = join(folder, 'report.json');
  const leakNotes = join(folder, 'leaks.txt');
  const env = {
    ...process.env,
    MAINSTAY_TEST_DATABASE_URL: services.databaseUrl,
    MAINSTAY_TEST_REDIS_URL: services.redisUrl,
    MAINSTAY_TEST_RUN: mark,
    [LEAK_NOTES]: leakNotes,
    NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
  };
  console.log(services.describe());
  const watch = watchForLeaks();
  const jestCode = await jest(['--json', `--outputFile=${report}`, '--maxWorkers=2', ...args], env, watch);
  await services.release();
  return conclude({ report, jestCode, mark, leaks: watch.leaks, leaked: notedLeaks(leakNotes) });
}

/** Everything that it prints is looked through for secrets that tests have planted. */
function jest(args: readonly string[], env: NodeJS.ProcessEnv, { stream }: LeakWatch): Promise<number> {
  const program = join(REPOSITORY, 'node_modules', 'jest', 'bin', 'jest.js');
  const colours = process.stderr.isTTY && env['NO_COLOR'] === undefined ? { FORCE_COLOR: '1' } : {};
  const child = spawn(process.execPath, [program, ...args], {
    cwd: REPOSITORY,
    env: { ...env, ...colours },
    stdio: ['inherit', 'ignore', 'pipe'],
  });
  child.stderr.pipe(stream).pipe(process.stderr, { end: false });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve(code ?? 1);
    });
  });
}

interface End {
  readonly report: string;
  readonly jestCode: number;
  readonly mark: string;
  /** Planted secrets that were printed. */
  readonly leaks: number;
  /** Where processes of the tests told some. */
  readonly leaked: readonly string[];
}

/** Looks for processes that the tests left, prints the last line, and gives the exit code. A left process is one more failure, and so are leaks. */
async function conclude({ report, jestCode, mark, leaks, leaked }: End): Promise<number> {
  const clean = await waitUntil(() => (processesWithMark(mark).length === 0 ? true : undefined), {
    timeoutMs: LEFT_BEHIND_MS,
    intervalMs: 200,
  });
  const left = clean ? [] : processesWithMark(mark);
  for (const { pid, command } of left) console.error(`left behind: process ${String(pid)}: ${command}`);
  if (leaks > 0) console.error(`secrets that tests planted were printed ${String(leaks)} times: look for them above`);
  for (const where of leaked) console.error(`secrets that tests planted were told: ${where}`);
  const counts = readCounts(report);
  const all = { passed: counts.passed, failed: counts.failed + left.length + (leaks > 0 ? 1 : 0) + leaked.length };
  console.log(summaryLine(all));
  return exitCodeFor(all, jestCode);
}

/** Without a report jest itself failed, which is one failure. */
function readCounts(report: string): TestCounts {
  try {
    return countTests(readFileSync(report, 'utf8'));
  } catch {
    return { passed: 0, failed: 1 };
  }
}
