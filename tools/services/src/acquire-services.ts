import { join, resolve } from 'node:path';
import { makeFolders } from './layout.ts';
import { type Lease, type LeaseOptions, openLease } from './lease.ts';
import { serviceError } from './service-error.ts';

/** Options of {@link acquireServices}. */
export interface ServicesOptions {
  /** The servers' data, ports and passwords are in `services` beneath; processes with the same folder share the servers. */
  readonly dataDir: string;
  /** Default true. */
  readonly postgres?: boolean;
  /** Default true. */
  readonly redis?: boolean;
  /** A Redis that has to be fetched is kept here; default `tools` in the data folder. */
  readonly toolsDir?: string;
  readonly onProgress?: (line: string) => void;
  readonly signal?: AbortSignal;
  /** Where `DATABASE_URL` and `REDIS_URL` are read; default the environment of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Postgres and Redis, for as long as they are held. */
export interface Services {
  /** A superuser's, on an existing database; empty if Postgres was not asked for. */
  readonly databaseUrl: string;
  /** Empty if Redis was not asked for. */
  readonly redisUrl: string;
  /** One line that tells the choice, without passwords. */
  describe(): string;
  /** Gives them back; the last holder's release stops the servers about a second later. */
  release(): Promise<void>;
}

/**
 * Gives the configured services (`DATABASE_URL`, `REDIS_URL`), or starts real ones in the data folder, shared by all processes that
 * use it. They stay up while anybody holds them; a holder that is killed lets go by itself.
 * @throws DependencyError `SERVICE_UNAVAILABLE` when this machine cannot give them; its message says what to do.
 */
export async function acquireServices(options: ServicesOptions): Promise<Services> {
  const env = options.env ?? process.env;
  const external = {
    postgres: configured(env, 'DATABASE_URL', ['postgres:', 'postgresql:']),
    redis: configured(env, 'REDIS_URL', ['redis:', 'rediss:', 'valkey:', 'valkeys:']),
  };
  const wanted = {
    postgres: (options.postgres ?? true) && external.postgres === undefined,
    redis: (options.redis ?? true) && external.redis === undefined,
  };
  const holder = wanted.postgres || wanted.redis ? await hold(options, wanted) : undefined;
  const redisOrigin = holder?.ready.redisOrigin;
  return {
    databaseUrl: external.postgres ?? holder?.ready.databaseUrl ?? '',
    redisUrl: external.redis ?? holder?.ready.redisUrl ?? '',
    describe: () =>
      [
        line('Postgres', options.postgres ?? true, external.postgres, 'DATABASE_URL', holder?.ready.databaseUrl, 'embedded 18'),
        line('Redis', options.redis ?? true, external.redis, 'REDIS_URL', holder?.ready.redisUrl, redisOrigin ?? 'embedded'),
      ]
        .filter((text) => text !== '')
        .join('; '),
    release: async () => holder?.release(),
  };
}

interface Holder {
  readonly ready: Lease['ready'];
  release(): Promise<void>;
}

const MAX_RECOVERIES = 5;

/** Holds a lease. If the supervisor dies under us, a new one is called for: same ports, same passwords. */
async function hold(options: ServicesOptions, wanted: { readonly postgres: boolean; readonly redis: boolean }): Promise<Holder> {
  const dataDir = resolve(options.dataDir);
  const leaseOptions: LeaseOptions = {
    dataDir,
    layout: makeFolders(dataDir),
    hello: { ...wanted, toolsDir: resolve(options.toolsDir ?? join(dataDir, 'tools')) },
    onProgress: options.onProgress ?? ((): void => undefined),
    signal: options.signal,
  };
  const released = new AbortController();
  let lease = await openLease(leaseOptions);
  const { ready } = lease;
  const recover = async (): Promise<void> => {
    for (let recoveries = 0; recoveries < MAX_RECOVERIES; recoveries++) {
      await lease.closed;
      if (released.signal.aborted) return;
      lease = await openLease({ ...leaseOptions, signal: released.signal });
    }
  };
  const recovering = recover().catch(() => undefined);
  return {
    ready,
    async release() {
      released.abort();
      await lease.close();
      await recovering;
      await lease.close();
    },
  };
}

function configured(env: Readonly<Record<string, string | undefined>>, variable: string, protocols: readonly string[]): string | undefined {
  const value = env[variable];
  if (value === undefined || value === '') return undefined;
  if (URL.canParse(value) && protocols.includes(new URL(value).protocol)) return value;
  throw serviceError(
    `${variable} is not a URL that starts with ${protocols.map((name) => `${name}//`).join(' or ')}. Correct it or unset it.`,
    { variable },
  );
}

function line(
  name: string,
  wanted: boolean,
  external: string | undefined,
  variable: string,
  own: string | undefined,
  origin: string,
): string {
  if (!wanted) return '';
  const url = external ?? own;
  const host = url === undefined ? '' : new URL(url).host;
  return external === undefined ? `${name}: ${origin} at ${host}` : `${name}: ${variable} at ${host}`;
}
