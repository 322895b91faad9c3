import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  APP_NODE_ARGS,
  compileCache,
  freePort,
  makeTestFolder,
  mountSmallDisk,
  type RedisHandle,
  type ServerHandle,
  type SmallDisk,
  startPostgres,
  startRedis,
  TcpProxy,
  TEST_DATA,
  waitUntil,
} from '@mainstay/services';
import { Child, PARENT_FD } from './child.ts';
import { Front } from './front.ts';

export interface WorldOptions {
  readonly orchestrators: number;
  readonly workers: number;
  /** Tasks that one worker does at once. */
  readonly capacity: number;
  /** Whether the servers' data are to lie on small disks. */
  readonly smallDisks: boolean;
  readonly onProgress: (line: string) => void;
}

/** A process with the links that it alone uses. */
export interface Member {
  readonly child: Child;
  readonly links: readonly TcpProxy[];
  /** Of an orchestrator. */
  readonly port?: number;
}

const ORCHESTRATOR = fileURLToPath(new URL('../../../../apps/orchestrator/src/main.ts', import.meta.url));
const WORKER = fileURLToPath(new URL('../worker/worker.ts', import.meta.url));
const CLOCK = new URL('../worker/jumping-clock.ts', import.meta.url).href;
/** Of a worker; a task that allocates reaches it soon. */
const WORKER_HEAP_MB = 160;
const DISK_BYTES = { postgres: 3 * 1_024 ** 3, redis: 512 * 1_024 ** 2 };
const READY_MS = 60_000;
/** Marks all processes of one world, so that what is left of it can be found. */
export const MARK_VARIABLE = 'CHAOS_WORLD';

/** A whole Mainstay of one's own: servers, orchestrators and workers as processes, each behind links of its own, and a front before them. */
export class World {
  readonly mark = randomBytes(12).toString('hex');
  readonly adminKey = randomBytes(24).toString('base64url');
  readonly folder: string;
  readonly postgres: ServerHandle;
  readonly redis: RedisHandle;
  readonly disks: { readonly postgres: SmallDisk | undefined; readonly redis: SmallDisk | undefined };
  readonly orchestrators: Member[] = [];
  readonly workers: Member[] = [];
  readonly #signing = `k1:${randomBytes(32).toString('base64')}`;
  #front: Front | undefined;

  private constructor(folder: string, postgres: ServerHandle, redis: RedisHandle, disks: World['disks']) {
    this.folder = folder;
    this.postgres = postgres;
    this.redis = redis;
    this.disks = disks;
  }

  static async start(options: WorldOptions): Promise<World> {
    const folder = await makeTestFolder('mainstay-chaos-');
    const [pg, redis] = [join(folder, 'pg'), join(folder, 'redis')];
    const disks = options.smallDisks
      ? { postgres: await mountSmallDisk(pg, DISK_BYTES.postgres), redis: await mountSmallDisk(redis, DISK_BYTES.redis) }
      : { postgres: undefined, redis: undefined };
    const settings = { max_wal_size: '256MB', min_wal_size: '64MB' };
    const servers = await Promise.all([startPostgres({ dir: pg, settings }), startRedis({ dir: redis })]);
    const world = new World(folder, ...servers, disks);
    await mkdir(world.clocks, { recursive: true });
    await world.#startProcesses(options);
    return world;
  }

  get stepLog(): string {
    return join(this.folder, 'steps.log');
  }

  get clocks(): string {
    return join(this.folder, 'clocks');
  }

  /** Address of the front. */
  get url(): string {
    return this.front.url;
  }

  get front(): Front {
    if (this.#front === undefined) throw new Error('the world has not started');
    return this.#front;
  }

  get members(): readonly Member[] {
    return [...this.orchestrators, ...this.workers];
  }

  /** Waits until all orchestrators are ready and an orchestrator knows all workers. */
  async allPresent(timeoutMs = READY_MS): Promise<boolean> {
    const present = async (): Promise<true | undefined> => {
      if (this.front.ready.size < this.orchestrators.length) return undefined;
      const response = await fetch(`${this.url}/api/v1/agents`, {
        headers: { authorization: `Bearer ${this.adminKey}` },
        signal: AbortSignal.timeout(2_000),
      }).catch(() => undefined);
      const text = response?.ok === true ? await response.text() : '';
      return this.workers.every(({ child }) => text.includes(`"pid":${String(child.pid)},`)) ? true : undefined;
    };
    return (await waitUntil(present, { timeoutMs, intervalMs: 100 })) === true;
  }

  /** Ends the workers, then the orchestrators, in order. Gives the names of those that did not end with code 0. */
  async stopProcesses(): Promise<readonly string[]> {
    const failed: string[] = [];
    for (const members of [this.workers, this.orchestrators]) {
      const codes = await Promise.all(members.map(({ child }) => child.close('SIGTERM', 20_000)));
      for (const [at, code] of codes.entries())
        if (code !== 0) failed.push(`${members[at]?.child.name ?? ''}: ${String(code ?? 'killed')}`);
    }
    return failed;
  }

  async close(keep = false): Promise<void> {
    await Promise.all(this.members.map(({ child }) => child.close('SIGKILL', 1_000)));
    this.#front?.close();
    for (const { links } of this.members) for (const link of links) link.close();
    await Promise.all([this.postgres.stop(), this.redis.stop()]);
    await this.disks.postgres?.remove();
    await this.disks.redis?.remove();
    if (!keep) await rm(this.folder, { recursive: true, force: true });
  }

  async #startProcesses({ orchestrators, workers, capacity, onProgress }: WorldOptions): Promise<void> {
    try {
      for (let number = 1; number <= orchestrators; number++) await this.#addOrchestrator(`orchestrator-${String(number)}`);
      for (let number = 1; number <= workers; number++) await this.#addWorker(`worker-${String(number)}`, capacity);
      this.#front = await Front.open(() => this.orchestrators.flatMap(({ port }) => port ?? []));
      for (const { child } of this.members) child.start();
      onProgress(`${String(orchestrators)} orchestrators and ${String(workers)} workers are starting`);
      if (!(await this.allPresent())) throw new Error(`The system did not come up; its logs are in ${this.folder}`);
    } catch (error) {
      await this.close(true);
      throw error;
    }
  }

  async #addOrchestrator(name: string): Promise<void> {
    const port = await freePort();
    const links = [await TcpProxy.open(this.redis.port), await TcpProxy.open(this.postgres.port)];
    const env = {
      ...this.#common(links[0]),
      DATABASE_URL: through(this.postgres.url, links[1]),
      MAINSTAY_BOOTSTRAP_ADMIN_KEY: this.adminKey,
      PORT: String(port),
      MAINSTAY_DATA_DIR: join(this.folder, 'data'),
    };
    this.orchestrators.push({
      child: this.#child(name, 'orchestrator', [...APP_NODE_ARGS, '--import', CLOCK, ORCHESTRATOR], env),
      links,
      port,
    });
  }

  async #addWorker(name: string, capacity: number): Promise<void> {
    const links = [await TcpProxy.open(this.redis.port)];
    const env = { ...this.#common(links[0]), MAINSTAY_WORKER_CAPACITY: String(capacity), CHAOS_STEP_LOG: this.stepLog };
    const args = [...APP_NODE_ARGS, `--max-old-space-size=${String(WORKER_HEAP_MB)}`, '--import', CLOCK, WORKER];
    this.workers.push({ child: this.#child(name, 'worker', args, env), links });
  }

  #child(name: string, kind: Child['kind'], args: readonly string[], env: Readonly<Record<string, string>>): Child {
    return new Child({ name, kind, args, env, logFile: join(this.folder, `${name}.log`) });
  }

  #common(redis: TcpProxy | undefined): Record<string, string> {
    return {
      NODE_ENV: 'production',
      LOG_LEVEL: 'warn',
      REDIS_URL: through(this.redis.url, redis),
      MAINSTAY_SIGNING_KEYS: this.#signing,
      MAINSTAY_PARENT_FD: String(PARENT_FD),
      MAINSTAY_SHUTDOWN_GRACE_MS: '10000',
      [MARK_VARIABLE]: this.mark,
      CHAOS_CLOCKS: this.clocks,
      ...compileCache(process.env, TEST_DATA),
    };
  }
}

/** The address with the port of the link. */
function through(url: string, link: TcpProxy | undefined): string {
  const address = new URL(url);
  if (link !== undefined) address.port = String(link.port);
  return address.href;
}
