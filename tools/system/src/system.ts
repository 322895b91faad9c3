import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, makeTestFolder, type RedisHandle, type ServerHandle, startPostgres, startRedis } from '@mainstay/services';
import pg from 'pg';
import { ApiClient } from './api-client.ts';
import { type App, AppProcess } from './app-process.ts';

export interface Started {
  readonly process: AppProcess;
  readonly api: ApiClient;
}

export interface SystemOptions {
  /** Further settings of Postgres, such as `{ max_connections: '30' }`. */
  readonly postgres?: Readonly<Record<string, string>>;
  /** Where the data of Postgres lie. Default: in a folder that is removed at the end. */
  readonly postgresFolder?: string;
}

type WorkerApp = Exclude<App, 'orchestrator'>;

const READY_MS = 60_000;

/**
 * A whole Mainstay of one's own: private Postgres and Redis, orchestrators and workers as processes. Everything in it may
 * be stopped, killed and started again; {@link close} ends whatever is left.
 */
export class System {
  readonly #folder: string;
  /** The admin key. */
  readonly key = randomBytes(24).toString('base64url');
  readonly #signing = `k1:${randomBytes(32).toString('base64')}`;
  readonly #processes = new Set<AppProcess>();
  readonly postgres: ServerHandle;
  readonly redis: RedisHandle;

  private constructor(folder: string, postgres: ServerHandle, redis: RedisHandle) {
    this.#folder = folder;
    this.postgres = postgres;
    this.redis = redis;
  }

  static async start({ postgres: settings, postgresFolder }: SystemOptions = {}): Promise<System> {
    const folder = await makeTestFolder();
    const [postgres, redis] = await Promise.all([
      startPostgres({ dir: postgresFolder ?? join(folder, 'pg'), settings }),
      startRedis({ dir: join(folder, 'redis') }),
    ]);
    return new System(folder, postgres, redis);
  }

  /** Starts an orchestrator and waits until it is ready. The same port can be given again after its end. */
  async orchestrator(
    options: { readonly port?: number; readonly env?: Readonly<Record<string, string>>; readonly key?: string } = {},
  ): Promise<Started> {
    const port = options.port ?? (await freePort());
    const child = new AppProcess('orchestrator', {
      ...this.#common(),
      DATABASE_URL: this.postgres.url,
      MAINSTAY_BOOTSTRAP_ADMIN_KEY: this.key,
      PORT: String(port),
      ...options.env,
    });
    this.#processes.add(child);
    const api = new ApiClient(`http://127.0.0.1:${port}`, options.key ?? this.key);
    await ready(child, api);
    return { process: child, api };
  }

  /** Starts a worker and waits until an orchestrator sees it. */
  async worker(api: ApiClient, env: Readonly<Record<string, string>> = {}, app: WorkerApp = 'agents'): Promise<AppProcess> {
    const child = new AppProcess(app, { ...this.#common(), ...env });
    this.#processes.add(child);
    const end = Date.now() + READY_MS;
    for (;;) {
      const { workers } = await api.json<{ workers: { pid: number }[] }>('GET', '/api/v1/agents');
      if (workers.some(({ pid }) => pid === child.pid)) return child;
      if (!child.running || Date.now() > end) throw new Error(`The worker did not come up:\n${child.output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Keeps a worker running until the function that it resolves with is called: one that dies is replaced, as a supervisor does. */
  async keepWorker(api: ApiClient, env: Readonly<Record<string, string>> = {}): Promise<() => Promise<void>> {
    const released = new AbortController();
    let present = await this.worker(api, env);
    const kept = (async () => {
      for (;;) {
        await present.ended;
        if (released.signal.aborted) return;
        present = new AppProcess('agents', { ...this.#common(), ...env });
        this.#processes.add(present);
      }
    })();
    return async () => {
      released.abort();
      await present.end('SIGTERM');
      await kept;
    };
  }

  /** The data folder of all processes that are not given one of their own. */
  get dataFolder(): string {
    return join(this.#folder, 'data');
  }

  #common(): Record<string, string> {
    return { REDIS_URL: this.redis.url, MAINSTAY_SIGNING_KEYS: this.#signing, MAINSTAY_DATA_DIR: this.dataFolder };
  }

  /** Rows of a statement on the system's database. */
  async query<R extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<R[]> {
    const client = new pg.Client({ connectionString: this.postgres.url });
    await client.connect();
    try {
      return (await client.query<R>(sql, values)).rows;
    } finally {
      await client.end();
    }
  }

  /** Runs whose events are not numbered 1, 2, 3, … up to the run's own number: there must be none. */
  gaps(): Promise<{ run_id: string }[]> {
    return this.query(`select r.id as run_id from runs r join lateral (
      select count(*) as n, min(seq) as first, max(seq) as last, count(distinct seq) as numbers from run_events e where e.run_id = r.id
    ) e on true where e.n <> r.seq or e.first <> 1 or e.last <> r.seq or e.numbers <> r.seq`);
  }

  /** Tasks that succeeded more than once, by the events: there must be none. */
  doubles(): Promise<{ run_id: string; task: string }[]> {
    return this.query(`select run_id, task from run_events where type = 'task.succeeded' group by run_id, task having count(*) > 1`);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#processes].map((child) => child.end('SIGKILL')));
    await Promise.all([this.postgres.stop(), this.redis.stop()]);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function ready(child: AppProcess, api: ApiClient): Promise<void> {
  const end = Date.now() + READY_MS;
  for (;;) {
    try {
      const response = await fetch(`${api.url}/health/ready`, { signal: AbortSignal.timeout(2_000) });
      if (response.ok) return;
    } catch {
      // Not listening yet.
    }
    if (!child.running || Date.now() > end) throw new Error(`The orchestrator did not become ready:\n${child.output}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
