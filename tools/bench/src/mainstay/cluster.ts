import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, waitUntil } from '@mainstay/services';
import { type ChildProgram, PARENT_FD, startProgram } from '../child-program.ts';
import type { Job } from '../driver/job.ts';
import { HttpClient } from './http-client.ts';

const ORCHESTRATOR = fileURLToPath(new URL('../../../../apps/orchestrator/src/main.ts', import.meta.url));
const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url));
const READY_MS = 60_000;
/** Tasks that the worker does at once: the peers do without a limit, or with the same. */
const CAPACITY = 200;

/** One orchestrator and one worker as processes of their own, set as an installation is. */
export interface Cluster {
  readonly client: HttpClient;
  readonly orchestrator: ChildProgram;
  readonly worker: ChildProgram;
  /** From now on a worker that dies is replaced at once, as a supervisor does. */
  keepWorker(): void;
  close(): Promise<void>;
}

export async function startCluster(job: Job): Promise<Cluster> {
  const port = await freePort();
  const adminKey = randomBytes(24).toString('base64url');
  const common = {
    NODE_ENV: 'production',
    REDIS_URL: job.redisUrl,
    MAINSTAY_SIGNING_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    MAINSTAY_DATA_DIR: join(job.folder, 'data'),
    MAINSTAY_PARENT_FD: String(PARENT_FD),
  };
  const start = (program: string, logFile: string, env: Readonly<Record<string, string>>): Promise<ChildProgram> =>
    startProgram({
      file: process.execPath,
      args: ['--disable-warning=ExperimentalWarning', ...profiling(job.profileFolder, logFile), program],
      env: { ...common, ...env },
      logFile: join(job.folder, `${logFile}.log`),
    });
  const startWorker = (): Promise<ChildProgram> =>
    start(WORKER, 'worker', { MAINSTAY_WORKER_CAPACITY: String(CAPACITY), BENCH_STEP_LOG: job.stepLog });
  const orchestrator = await start(ORCHESTRATOR, 'orchestrator', {
    DATABASE_URL: job.databaseUrl,
    MAINSTAY_BOOTSTRAP_ADMIN_KEY: adminKey,
    PORT: String(port),
  });
  const client = new HttpClient(port, adminKey);
  let worker = await startWorker();
  let closing = false;
  await ready(orchestrator, 'orchestrator', job, async () => (await client.call('GET', '/health/ready')).status === 200);
  await ready(worker, 'worker', job, async () => (await client.call('GET', '/api/v1/agents')).text.includes(`"pid":${worker.pid},`));
  return {
    client,
    orchestrator,
    get worker() {
      return worker;
    },
    keepWorker() {
      void worker.ended.then(async () => {
        if (!closing) worker = await startWorker();
      });
    },
    async close() {
      closing = true;
      client.close();
      await worker.end('SIGTERM');
      await orchestrator.end('SIGTERM');
    },
  };
}

function profiling(folder: string | undefined, name: string): readonly string[] {
  return folder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${name}.cpuprofile`];
}

async function ready(program: ChildProgram, name: string, { folder }: Job, isReady: () => Promise<boolean>): Promise<void> {
  const found = await waitUntil(
    async () => {
      if (!program.running) return false;
      return (await isReady().catch(() => false)) ? true : undefined;
    },
    { timeoutMs: READY_MS, intervalMs: 50 },
  );
  if (found !== true)
    throw new Error(`The ${name} did not come up. Its log:\n${readFileSync(join(folder, `${name}.log`), 'utf8').slice(-4_000)}`);
}
