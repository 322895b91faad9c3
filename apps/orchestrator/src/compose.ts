import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OrchestratorEnv } from '@mainstay/config';
import { createHealth, createLifecycle, type Lifecycle } from '@mainstay/lifecycle';
import { createLogger, createMetrics, type Logger } from '@mainstay/observability';
import { assertNoEviction, createRedisTransport } from '@mainstay/transport/redis';
import { DependencyError, uuidv7 } from '@mainstay/types';
import { retry } from '@mainstay/utils';
import { createEngine, type HostedEngine } from './engine/create-engine.ts';
import { errorTracking } from './errors/compose-tracking.ts';
import { adminKey, createHttpServer } from './http/index.ts';
import { Retention } from './maintenance/retention.ts';
import { retentionPolicy } from './maintenance/retention-policy.ts';
import { createPostgresStore } from './store/postgres/postgres-store.ts';

export interface Orchestrator {
  readonly lifecycle: Lifecycle;
  readonly logger: Logger;
}

/** Builds an orchestrator: the only place that constructs adapters. Components start in this order and end in reverse. */
export function compose(env: OrchestratorEnv, version: string): Orchestrator {
  let track = (_error: Error): void => undefined;
  const onError = (error: Error): void => {
    track(error);
  };
  const logger = createLogger({ service: 'mainstay-orchestrator', level: env.LOG_LEVEL, onError });
  const metrics = createMetrics({ service: 'mainstay-orchestrator' });
  const lifecycle = createLifecycle({ logger, graceMs: env.MAINSTAY_SHUTDOWN_GRACE_MS });
  const refused = metrics.counter('mainstay_messages_refused_total');

  const store = createPostgresStore({ url: env.DATABASE_URL, poolSize: env.MAINSTAY_DATABASE_POOL, logger });
  const transport = createRedisTransport({
    url: env.REDIS_URL,
    name: `orchestrator-${uuidv7()}`,
    side: 'orchestrator',
    prefix: env.MAINSTAY_REDIS_PREFIX,
    keys: env.MAINSTAY_SIGNING_KEYS.map(({ id, key }) => ({ id, secret: key.reveal() })),
    maxMessageBytes: env.MAINSTAY_MAX_MESSAGE_BYTES,
    inlineBytes: env.MAINSTAY_INLINE_BYTES,
    onUp: () => {
      logger.info('redis is reachable');
      engine.transportUp();
    },
    onDown: (error) => logger.warn({ err: error }, 'redis is not reachable; work goes on when it is back'),
    onRefused: ({ lane, code, reason }) => {
      refused.inc({ reason: code });
      logger.warn({ lane, code, reason }, 'a message was refused');
    },
  });
  const errors = errorTracking(env, version, { store, logger, source: transport.name });
  track = (error) => {
    errors.own(error);
  };
  const engine: HostedEngine = createEngine({
    onFailure: (failure) => {
      errors.failed(failure);
    },
    store,
    transport,
    logger,
    metrics,
    config: {
      maxOutputBytes: env.MAINSTAY_MAX_OUTPUT_BYTES,
      leaseMs: env.MAINSTAY_LEASE_MS,
      heartbeatMs: env.MAINSTAY_HEARTBEAT_MS,
    },
  });
  const retention = new Retention({
    store,
    policy: retentionPolicy(env.MAINSTAY_RETENTION_DAYS, env.MAINSTAY_RETENTION_EVERY_MINUTES),
    logger,
    metrics,
  });
  const health = createHealth({
    lifecycle,
    checks: {
      postgres: { check: (signal) => store.ping(signal) },
      redis: { check: (signal) => transport.ping(signal) },
      agents: { check: () => agentsAreThere(engine, env.MAINSTAY_READY_KINDS), critical: env.MAINSTAY_READY_KINDS.length > 0 },
      filesystem: { check: () => isWritable(env.MAINSTAY_DATA_DIR), cacheMs: 5_000 },
    },
  });

  lifecycle.add({
    name: 'postgres',
    start: (signal) => patiently(logger, 'Postgres (DATABASE_URL)', signal, () => store.start()),
    stop: () => store.close(),
  });
  lifecycle.add({
    name: 'errors',
    start: () => {
      errors.start();
    },
    stop: () => errors.stop(),
  });
  lifecycle.add({
    name: 'redis',
    start: async (signal) => {
      await patiently(logger, 'Redis (REDIS_URL)', signal, () => transport.start());
      if (env.NODE_ENV === 'production') await assertNoEviction(transport);
    },
    stop: () => transport.close(),
  });
  lifecycle.add({
    name: 'engine',
    start: () => engine.start(),
    drain: (deadline) => engine.drain(deadline),
    stop: () => engine.stop(),
  });
  lifecycle.add({
    name: 'retention',
    start: () => retention.start(),
    drain: () => retention.stop(),
    stop: () => retention.stop(),
  });
  lifecycle.add(httpComponent(env, version, { engine, store, retention, health, logger, metrics }));
  return { lifecycle, logger };
}

type HttpParts = Omit<Parameters<typeof createHttpServer>[0], 'auth' | 'config' | 'version' | 'engine'> & { readonly engine: HostedEngine };

/** While others can take what comes, everything is still answered for so long: balancers and clients need it to go there. */
const DRAIN_DELAY_MS = 2_000;

function httpComponent(env: OrchestratorEnv, version: string, parts: HttpParts) {
  let server: ReturnType<typeof createHttpServer> | undefined;
  return {
    name: 'http',
    async start() {
      await mkdir(env.MAINSTAY_DATA_DIR, { recursive: true });
      const bootstrapKey = env.MAINSTAY_BOOTSTRAP_ADMIN_KEY?.reveal() ?? (await adminKey(env.MAINSTAY_DATA_DIR));
      server = createHttpServer({
        ...parts,
        version,
        auth: { bootstrapKey },
        config: {
          host: env.HOST,
          port: env.PORT,
          drainDelayMs: () => (parts.engine.alone ? 0 : DRAIN_DELAY_MS),
          maxBodyBytes: env.MAINSTAY_MAX_BODY_BYTES,
          ...(env.MANAGEMENT_PORT === undefined ? {} : { managementPort: env.MANAGEMENT_PORT }),
        },
      });
      const { port } = await server.start();
      parts.logger.info({ host: env.HOST, port }, 'listening');
    },
    async drain(deadline: AbortSignal) {
      await server?.drain(deadline);
    },
    async stop() {
      await server?.close();
    },
  };
}

/** Postgres and Redis may be starting as well: tries until they answer or the process is told to stop. */
async function patiently(logger: Logger, name: string, signal: AbortSignal, start: () => Promise<void>): Promise<void> {
  await retry(start, {
    name: `connecting to ${name}`,
    signal,
    maxAttempts: Number.POSITIVE_INFINITY,
    baseMs: 250,
    maxMs: 5_000,
    onRetry: ({ error, attempt, delayMs }) => {
      logger.warn({ err: error, attempt, delayMs }, `waiting for ${name}, next try in ${delayMs} ms`);
    },
  });
}

function agentsAreThere(engine: HostedEngine, required: readonly string[]): Promise<void> {
  const live = new Set(engine.workers().flatMap(({ kinds, draining }) => (draining ? [] : kinds)));
  const missing = required.filter((kind) => !live.has(kind));
  if (live.size > 0 && missing.length === 0) return Promise.resolve();
  return Promise.reject(
    new DependencyError('SERVICE_UNAVAILABLE', live.size === 0 ? 'No worker is connected' : `No worker offers ${missing.join(', ')}`, {
      details: { missing },
    }),
  );
}

async function isWritable(dir: string): Promise<void> {
  const file = join(dir, `.health-${randomUUID()}`);
  await mkdir(dir, { recursive: true });
  try {
    await writeFile(file, 'ok');
  } finally {
    await rm(file, { force: true });
  }
}
