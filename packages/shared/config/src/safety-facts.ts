import { getHeapStatistics } from 'node:v8';
import type { Environment } from './load-config.ts';
import { orchestratorEnv } from './schemas.ts';

/** What there is to judge of the settings of an orchestrator, by meaning. Absent: unknown. */
export interface SafetyFacts {
  nodeEnv?: string;
  logLevel?: string;
  databaseUrl?: string;
  redisUrl?: string;
  host?: string;
  managementPort?: number;
  signingKeyBytes?: readonly number[];
  bootstrapAdminKeyLength?: number;
  heapLimitBytes?: number;
  maxBodyBytes?: number;
  shutdownGraceMs?: number;
  retentionDays?: number;
  inspector?: boolean;
  tlsUnchecked?: boolean;
  runsAsRoot?: boolean;
}

/** What a process is, beside its environment. */
export interface ProcessFacts {
  readonly execArgv: readonly string[];
  readonly uid?: number | undefined;
  /** Heap limit in bytes. */
  readonly heapLimitBytes: number;
}

/** Of this process. */
export function processFacts(): ProcessFacts {
  return { execArgv: process.execArgv, uid: process.getuid?.(), heapLimitBytes: getHeapStatistics().heap_size_limit };
}

const MB = 1_048_576;

/**
 * The settings of an environment as far as they can be read: each variable by itself, so that one that is wrong hides no other.
 * Without `own`, for an environment that is not this process's, what only a process knows is left out or read from `NODE_OPTIONS`.
 */
export function safetyFacts(env: Environment = process.env, own?: ProcessFacts): SafetyFacts {
  const { shape } = orchestratorEnv;
  const keys = read(shape.MAINSTAY_SIGNING_KEYS, env['MAINSTAY_SIGNING_KEYS']);
  const flags = [...(own?.execArgv ?? []), ...(env['NODE_OPTIONS'] ?? '').split(/\s+/)];
  const [, heapMb] = /--max[-_]old[-_]space[-_]size=(\d+)/.exec(flags.join(' ')) ?? [];
  return defined({
    nodeEnv: read(shape.NODE_ENV, env['NODE_ENV']),
    logLevel: read(shape.LOG_LEVEL, env['LOG_LEVEL']),
    databaseUrl: read(shape.DATABASE_URL, env['DATABASE_URL']),
    redisUrl: read(shape.REDIS_URL, env['REDIS_URL']),
    host: read(shape.HOST, env['HOST']),
    managementPort: read(shape.MANAGEMENT_PORT, env['MANAGEMENT_PORT']),
    signingKeyBytes: keys?.map(({ key }) => key.reveal().length),
    bootstrapAdminKeyLength: env['MAINSTAY_BOOTSTRAP_ADMIN_KEY']?.length,
    heapLimitBytes: heapMb === undefined ? own?.heapLimitBytes : Number(heapMb) * MB,
    maxBodyBytes: read(shape.MAINSTAY_MAX_BODY_BYTES, env['MAINSTAY_MAX_BODY_BYTES']),
    shutdownGraceMs: read(shape.MAINSTAY_SHUTDOWN_GRACE_MS, env['MAINSTAY_SHUTDOWN_GRACE_MS']),
    retentionDays: read(shape.MAINSTAY_RETENTION_DAYS, env['MAINSTAY_RETENTION_DAYS']),
    inspector: flags.some((flag) => /^--inspect(?:-brk|-wait)?(?:=|$)/.test(flag)),
    tlsUnchecked: env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0',
    runsAsRoot: own?.uid === undefined ? undefined : own.uid === 0,
  });
}

interface Field<T> {
  safeParse(text: unknown): { readonly success: boolean; readonly data?: T };
}

function read<T>(field: Field<T>, text: string | undefined): T | undefined {
  return field.safeParse(text?.trim() === '' ? undefined : text).data;
}

function defined(facts: { [K in keyof SafetyFacts]: SafetyFacts[K] | undefined }): SafetyFacts {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}
