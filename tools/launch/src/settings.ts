import { fileURLToPath } from 'node:url';
import { resolve } from 'node:path';
import { agentsEnv, orchestratorEnv } from '@mainstay/config';
import { compileCache } from '@mainstay/services';
import { ConfigurationError } from '@mainstay/types';

/** The top of the repository. */
export const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));

/** What `npm start` itself needs to know. The apps check everything else when they start. */
export interface Settings {
  readonly port: number;
  readonly host: string;
  /** Absolute. */
  readonly dataDir: string;
  /** Where a client on this machine finds the orchestrator. */
  readonly url: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the settings. A relative data folder is relative to the repository, wherever the command was called. */
export function readSettings(env: Environment, repository = REPOSITORY): Settings {
  const port = env['PORT'] ?? '3000';
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535) {
    throw new ConfigurationError('CONFIG_INVALID', 'PORT must be a number from 1 to 65535. Correct it or unset it.', {
      details: { variable: 'PORT' },
    });
  }
  const host = env['HOST'] ?? '127.0.0.1';
  return {
    port: Number(port),
    host,
    dataDir: resolve(repository, env['MAINSTAY_DATA_DIR'] ?? '.mainstay'),
    url: localUrl(host, Number(port)),
  };
}

function localUrl(host: string, port: number): string {
  const reachable = host === '0.0.0.0' || host === '' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${String(port)}`;
}

/** What the children get beyond their own settings. */
export interface Given {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly signingKeys: string;
  readonly settings: Settings;
}

/** The orchestrator's environment: its own variables and nothing else. */
export function orchestratorEnvironment(env: Environment, given: Given): Record<string, string> {
  return {
    ...pick(env, [...GENERAL, ...Object.keys(orchestratorEnv.shape)]),
    ...compileCache(env, given.settings.dataDir),
    DATABASE_URL: given.databaseUrl,
    REDIS_URL: given.redisUrl,
    MAINSTAY_SIGNING_KEYS: given.signingKeys,
    MAINSTAY_DATA_DIR: given.settings.dataDir,
    PORT: String(given.settings.port),
    HOST: given.settings.host,
  };
}

/** A worker's environment: never the database's address nor the admin key. */
export function workerEnvironment(env: Environment, given: Pick<Given, 'redisUrl' | 'signingKeys' | 'settings'>): Record<string, string> {
  const names = [...GENERAL, ...Object.keys(agentsEnv.shape)].filter((name) => !NOT_FOR_WORKERS.includes(name));
  return {
    ...pick(env, names),
    ...compileCache(env, given.settings.dataDir),
    REDIS_URL: given.redisUrl,
    MAINSTAY_SIGNING_KEYS: given.signingKeys,
    MAINSTAY_DATA_DIR: given.settings.dataDir,
  };
}

/** Of `npm start`: the orchestrator has the management port itself; the worker beside it takes the next. */
export function workerManagementPort({ MANAGEMENT_PORT: port }: Environment): Record<string, string> {
  return port === undefined || !/^\d+$/.test(port) ? {} : { MANAGEMENT_PORT: String(Number(port) + 1) };
}

const NOT_FOR_WORKERS: readonly string[] = ['DATABASE_URL', 'MAINSTAY_BOOTSTRAP_ADMIN_KEY'];

/** What any program needs to run at all. */
const GENERAL = [
  'PATH',
  'HOME',
  'USER',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'NODE_ENV',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
];

function pick(env: Environment, names: readonly string[]): Record<string, string> {
  const entries = names
    .map((name) => [name, env[name]] as const)
    .filter((entry): entry is readonly [string, string] => entry[1] !== undefined);
  return Object.fromEntries(entries);
}
