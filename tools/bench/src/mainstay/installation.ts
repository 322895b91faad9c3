import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { APP_NODE_ARGS, compileCache, freePort, TEST_DATA, waitUntil } from '@mainstay/services';
import { type ChildProgram, PARENT_FD, profileArgs, startProgram } from '../child-program.ts';
import type { Job } from '../driver/job.ts';
import { HttpClient } from './http-client.ts';

const ORCHESTRATOR = fileURLToPath(new URL('../../../../apps/orchestrator/src/main.ts', import.meta.url));
const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url));
const READY_MS = 60_000;

type Environment = Readonly<Record<string, string>>;

/** Where an installation has its data. */
export interface InstallationOptions extends Pick<Job, 'databaseUrl' | 'redisUrl' | 'folder' | 'stepLog' | 'profileFolder'> {
  /** Default: the orchestrator as users run it, and the worker with the benchmark's agents. */
  readonly programs?: { readonly orchestrator?: string; readonly worker?: string };
  /** Of all its processes. */
  readonly env?: Environment;
}

export interface OrchestratorProcess {
  readonly program: ChildProgram;
  readonly client: HttpClient;
  /** Address of its API. */
  readonly url: string;
}

/** Orchestrators and workers as processes of their own, set as those of an installation are. */
export interface Installation {
  readonly adminKey: string;
  /** Resolves when it is ready. */
  startOrchestrator(env?: Environment): Promise<OrchestratorProcess>;
  /** Resolves when one of the orchestrators knows it. */
  startWorker(capacity: number, env?: Environment): Promise<ChildProgram>;
  /** Ends all that still run: the workers, then the orchestrators. */
  close(): Promise<void>;
}

export function createInstallation(options: InstallationOptions): Installation {
  const adminKey = randomBytes(24).toString('base64url');
  const common = {
    NODE_ENV: 'production',
    REDIS_URL: options.redisUrl,
    MAINSTAY_SIGNING_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    MAINSTAY_DATA_DIR: join(options.folder, 'data'),
    MAINSTAY_PARENT_FD: String(PARENT_FD),
    ...compileCache(process.env, TEST_DATA),
    ...options.env,
  };
  const { orchestrator: orchestratorFile = ORCHESTRATOR, worker: workerFile = WORKER } = options.programs ?? {};
  const orchestrators: OrchestratorProcess[] = [];
  const workers: ChildProgram[] = [];

  const start = (file: string, name: string, env: Environment): Promise<ChildProgram> =>
    startProgram({
      file: process.execPath,
      args: [...APP_NODE_ARGS, ...profileArgs(options.profileFolder, name), file],
      env: { ...common, ...env },
      logFile: join(options.folder, `${name}.log`),
    });

  return {
    adminKey,
    async startOrchestrator(env = {}) {
      const port = await freePort();
      const name = numbered('orchestrator', orchestrators.length);
      const program = await start(orchestratorFile, name, {
        DATABASE_URL: options.databaseUrl,
        MAINSTAY_BOOTSTRAP_ADMIN_KEY: adminKey,
        PORT: String(port),
        ...env,
      });
      const started = { program, client: new HttpClient(port, adminKey), url: `http://127.0.0.1:${port}` };
      orchestrators.push(started);
      await ready(
        program,
        join(options.folder, `${name}.log`),
        async () => (await started.client.call('GET', '/health/ready')).status === 200,
      );
      return started;
    },
    async startWorker(capacity, env = {}) {
      const name = numbered('worker', workers.length);
      const program = await start(workerFile, name, {
        MAINSTAY_WORKER_CAPACITY: String(capacity),
        BENCH_STEP_LOG: options.stepLog,
        ...env,
      });
      workers.push(program);
      const known = async (): Promise<boolean> => {
        const knows = orchestrators.find((one) => one.program.running);
        return (await knows?.client.call('GET', '/api/v1/agents'))?.text.includes(`"pid":${program.pid},`) ?? false;
      };
      await ready(program, join(options.folder, `${name}.log`), known);
      return program;
    },
    async close() {
      for (const { client } of orchestrators) client.close();
      await Promise.all(workers.map((worker) => worker.end('SIGTERM')));
      await Promise.all(orchestrators.map(({ program }) => program.end('SIGTERM')));
    },
  };
}

function numbered(name: string, before: number): string {
  return before === 0 ? name : `${name}-${before + 1}`;
}

async function ready(program: ChildProgram, log: string, isReady: () => Promise<boolean>): Promise<void> {
  const found = await waitUntil(
    async () => {
      if (!program.running) return false;
      return (await isReady().catch(() => false)) ? true : undefined;
    },
    { timeoutMs: READY_MS, intervalMs: 50 },
  );
  if (found !== true) throw new Error(`A process did not come up. Its log, ${log}:\n${readFileSync(log, 'utf8').slice(-4_000)}`);
}
