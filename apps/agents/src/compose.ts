import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type BaseAgent, createWorker } from '@mainstay/agent';
import { type AgentsEnv, traceSettings } from '@mainstay/config';
import { checkFolder, type Component, createHealth, createLifecycle, type Lifecycle } from '@mainstay/lifecycle';
import {
  createLogger,
  createMetrics,
  createTracing,
  declareSecrets,
  type Logger,
  type Metrics,
  spanMetrics,
  zeroed,
} from '@mainstay/observability';
import { REFUSAL_CODES, type Transport } from '@mainstay/transport';
import { createRedisTransport } from '@mainstay/transport/redis';
import { retry } from '@mainstay/utils';
import { hardenWorker, type HardenWorkerOptions } from './harden-worker.ts';
import { managementServer } from './management-server.ts';
import { obeyOperator } from './obey-operator.ts';
import { ownEmergencies } from './own-emergencies.ts';
import { workerMetrics } from './worker-metrics.ts';

/** Time that remains of the grace period for handing back what did not end by itself, at most. */
const HAND_BACK_MS = 6_000;
/** The worker needs two abort graces to hand everything back. */
const ABORT_GRACE_MS = 5_000;
const STOP_TIMEOUT_MS = 2 * ABORT_GRACE_MS + 2_000;

export interface WorkerProcess {
  readonly lifecycle: Lifecycle;
  readonly logger: Logger;
  /** The worker's name on the transport. */
  readonly name: string;
}

/** Parts that a program puts in place of the usual ones, such as a benchmark that measures what they cost. */
export interface WorkerParts {
  readonly harden?: (options: HardenWorkerOptions) => AsyncDisposable;
  readonly metrics?: Metrics;
}

/** Puts a worker process together; nothing runs before `lifecycle.start()`. The only place that constructs adapters. */
export function composeWorker(env: AgentsEnv, agents: readonly BaseAgent[], version: string, parts: WorkerParts = {}): WorkerProcess {
  const name = workerName();
  const redact = { paths: env.MAINSTAY_REDACT_PATHS, patterns: env.MAINSTAY_REDACT_PATTERNS };
  declareSecrets(redact.patterns);
  const logger = createLogger({
    service: 'agents',
    level: env.LOG_LEVEL,
    format: env.MAINSTAY_LOG_FORMAT,
    redact,
    bindings: { worker: name },
  });
  const metrics = parts.metrics ?? createMetrics({ service: 'agents' });
  const harden = parts.harden ?? hardenWorker;
  const tracing = createTracing({
    service: 'agents',
    version,
    settings: traceSettings(env),
    redact,
    counts: spanMetrics(metrics),
    onFailure: (error, spans) => {
      logger.warn({ err: error, spans }, 'spans could not be sent');
    },
  });
  const graceMs = env.MAINSTAY_SHUTDOWN_GRACE_MS;
  const lifecycle = createLifecycle({ logger, graceMs });
  const transport = connect(env, name, logger, metrics);
  const emergencies = ownEmergencies();
  const worker = createWorker({
    ...{ transport, emergencies: () => emergencies.recent() },
    agents,
    logger,
    version,
    capacity: env.MAINSTAY_WORKER_CAPACITY,
    heartbeatMs: env.MAINSTAY_HEARTBEAT_MS,
    leaseMs: env.MAINSTAY_LEASE_MS,
    maxOutputBytes: env.MAINSTAY_MAX_OUTPUT_BYTES,
    maxCheckpointBytes: env.MAINSTAY_MAX_OUTPUT_BYTES,
    graceMs: graceMs - Math.min(HAND_BACK_MS, Math.floor(graceMs / 3)),
    abortGraceMs: ABORT_GRACE_MS,
    metrics: workerMetrics(metrics),
    tracing,
  });
  lifecycle.add(
    hardeningComponent(() =>
      harden({
        ...{ transport, worker, logger, metrics, capacity: env.MAINSTAY_WORKER_CAPACITY },
        profile: env.MAINSTAY_PROFILE,
        memoryLimitBytes: env.MAINSTAY_MEMORY_LIMIT,
        onEmergency: (record) => {
          emergencies.add(record);
        },
      }),
    ),
  );
  const health = createHealth({
    lifecycle,
    checks: {
      redis: { check: (signal) => transport.ping(signal), component: 'transport' },
      filesystem: { check: () => checkFolder(env.MAINSTAY_DATA_DIR), cacheMs: 5_000, critical: false },
    },
  });
  if (env.MANAGEMENT_PORT !== undefined) lifecycle.add(managementServer({ port: env.MANAGEMENT_PORT, metrics, health, logger }));
  const operator = obeyOperator({
    ...{ transport, logger, level: env.LOG_LEVEL },
    profiles: {
      folder: join(env.MAINSTAY_DATA_DIR, 'profiles'),
      maxBytes: env.MAINSTAY_MAX_PROFILE_BYTES,
      keepMs: daysOf(env.MAINSTAY_PROFILE_RETENTION_DAYS),
    },
  });
  lifecycle.add({
    name: 'operator',
    stop: () => {
      operator[Symbol.dispose]();
    },
  });
  if (tracing !== undefined) lifecycle.add({ name: 'traces', stop: () => tracing.close() });
  lifecycle.add({
    name: 'transport',
    start: (signal) => startTransport(transport, logger, metrics, signal),
    stop: () => transport.close(),
  });
  lifecycle.add({
    name: 'worker',
    start: async () => {
      await worker.start();
      logger.info({ kinds: agents.map(({ kind }) => kind), capacity: env.MAINSTAY_WORKER_CAPACITY }, 'the worker takes tasks');
    },
    drain: (deadline) => worker.drain(deadline),
    stop: () => worker.stop(),
    stopTimeoutMs: STOP_TIMEOUT_MS,
  });
  return { lifecycle, logger, name };
}

/** The first that starts and the last that stops: everything else is watched. */
function hardeningComponent(harden: () => AsyncDisposable): Component {
  let hardened: AsyncDisposable | undefined;
  return {
    name: 'hardening',
    start() {
      hardened = harden();
    },
    async stop() {
      await hardened?.[Symbol.asyncDispose]();
    },
  };
}

const DAY_MS = 86_400_000;

/** 0 days mean for ever. */
function daysOf(days: number): number | undefined {
  return days === 0 ? undefined : days * DAY_MS;
}

/** Unique per start of a process, and readable. */
function workerName(): string {
  return `worker-${hostname().slice(0, 100)}-${process.pid}-${randomBytes(4).toString('hex')}`;
}

function connect(env: AgentsEnv, name: string, logger: Logger, metrics: Metrics): Transport {
  const refused = zeroed(metrics.counter('mainstay_messages_refused_total'), 'reason', REFUSAL_CODES);
  return createRedisTransport({
    url: env.REDIS_URL,
    name,
    side: 'worker',
    prefix: env.MAINSTAY_REDIS_PREFIX,
    keys: env.MAINSTAY_SIGNING_KEYS.map(({ id, key }) => ({ id, secret: key.reveal() })),
    maxMessageBytes: env.MAINSTAY_MAX_MESSAGE_BYTES,
    inlineBytes: env.MAINSTAY_INLINE_BYTES,
    onUp: () => {
      logger.info('Redis is usable');
    },
    onDown: (error) => {
      logger.warn({ err: error }, 'Redis is not usable; work in hand goes on');
    },
    onRefused: (refusal) => {
      refused.inc({ reason: refusal.code });
      logger.error({ refusal }, 'a message was refused');
    },
  });
}

/** Tries until Redis answers or the process is told to stop. */
async function startTransport(transport: Transport, logger: Logger, metrics: Metrics, signal: AbortSignal): Promise<void> {
  const retries = zeroed(metrics.counter('mainstay_connection_retries_total'), 'dependency', ['redis']);
  await retry(() => transport.start(), {
    name: 'connecting to Redis',
    signal,
    maxAttempts: Number.POSITIVE_INFINITY,
    baseMs: 250,
    maxMs: 5_000,
    onRetry: ({ attempt, delayMs, error }) => {
      retries.inc({ dependency: 'redis' });
      logger.warn({ err: error, attempt, delayMs }, `waiting for Redis (REDIS_URL), next try in ${delayMs} ms`);
    },
  });
}
