import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { OrchestratorEnv } from '@mainstay/config';
import { checkFolder, createHealth, createLifecycle, type Lifecycle } from '@mainstay/lifecycle';
import { createLogger, createMetrics, declareSecrets, type Logger, type Metrics, zeroed } from '@mainstay/observability';
import { pruneProfiles } from '@mainstay/profiling';
import { REFUSAL_CODES, type Transport, watchCalls } from '@mainstay/transport';
import { assertNoEviction, createRedisTransport } from '@mainstay/transport/redis';
import { DependencyError, type JsonObject, uuidv7 } from '@mainstay/types';
import { retry, systemClock } from '@mainstay/utils';
import { auditMetrics } from './audit/audit-metrics.ts';
import { AuditNotes } from './audit/audit-notes.ts';
import { auditRetention } from './audit/retention-audit.ts';
import { controlProcesses } from './control/process-control.ts';
import { createEngine, type HostedEngine } from './engine/create-engine.ts';
import { errorTracking } from './errors/compose-tracking.ts';
import { type HardenedOrchestrator, hardenOrchestrator, type HardenOptions } from './hardening/harden-orchestrator.ts';
import { adminKey, createHttpServer, type HttpDeps, type HttpServer } from './http/index.ts';
import { OPERATOR_TENANT } from './http/scopes.ts';
import { Retention } from './maintenance/retention.ts';
import { keepMsOf, retentionPolicy } from './maintenance/retention-policy.ts';
import { Shortages } from './shortages.ts';
import { DependencyWatch } from './observe/dependency-watch.ts';
import { poolMetrics, statementMetrics } from './observe/statement-metrics.ts';
import { transportMetrics } from './observe/transport-metrics.ts';
import { composeTraces } from './traces/compose-traces.ts';
import { createPostgresStore } from './store/postgres/postgres-store.ts';

export interface Orchestrator {
  readonly lifecycle: Lifecycle;
  readonly logger: Logger;
}

/** Parts that a program puts in place of the usual ones, such as a benchmark that measures what they cost. */
export interface ComposeParts {
  readonly harden?: (options: HardenOptions) => HardenedOrchestrator;
  readonly metrics?: Metrics;
}

/** Builds an orchestrator: the only place that constructs adapters. Components start in this order and end in reverse. */
export function compose(env: OrchestratorEnv, version: string, parts: ComposeParts = {}): Orchestrator {
  let track = (_error: Error): void => undefined;
  const onError = (error: Error): void => {
    track(error);
  };
  const redact = { paths: env.MAINSTAY_REDACT_PATHS, patterns: env.MAINSTAY_REDACT_PATTERNS };
  declareSecrets(redact.patterns);
  const logger = createLogger({ service: 'mainstay-orchestrator', level: env.LOG_LEVEL, format: env.MAINSTAY_LOG_FORMAT, redact, onError });
  const metrics = parts.metrics ?? createMetrics({ service: 'mainstay-orchestrator' });
  const lifecycle = createLifecycle({ logger, graceMs: env.MAINSTAY_SHUTDOWN_GRACE_MS });
  const refused = zeroed(metrics.counter('mainstay_messages_refused_total'), 'reason', REFUSAL_CODES);

  const shortages = new Shortages(systemClock);
  const onQuery = statementMetrics(metrics, logger);
  const postgres = createPostgresStore({ url: env.DATABASE_URL, poolSize: env.MAINSTAY_DATABASE_POOL, logger, onQuery });
  poolMetrics(metrics, () => postgres.poolUse());
  const store = shortages.watch(postgres);
  const redis = createRedisTransport({
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
    onFull: (error) => {
      shortages.note(error);
    },
    onRefused: ({ lane, code, reason }) => {
      refused.inc({ reason: code });
      logger.warn({ lane, code, reason }, 'a message was refused');
    },
  });
  const transport = watchCalls(redis, transportMetrics(metrics));
  const errors = errorTracking(env, version, { store, logger, source: transport.name });
  track = (error) => {
    errors.own(error);
  };
  const traces = composeTraces(env, version, { store, logger, metrics });
  const engine: HostedEngine = createEngine({
    ...(traces === undefined ? {} : { onChange: traces.onChange, onDied: traces.onDied }),
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
      stalledMs: env.MAINSTAY_STALLED_AFTER_MS,
      undecidedMs: env.MAINSTAY_UNDECIDED_AFTER_MS,
    },
  });
  const profiles = join(env.MAINSTAY_DATA_DIR, 'profiles');
  const profilesKeepMs = keepMsOf(env.MAINSTAY_PROFILE_RETENTION_DAYS);
  const control = controlProcesses({
    ...{ transport, logger, level: env.LOG_LEVEL },
    profiles: { folder: profiles, maxBytes: env.MAINSTAY_MAX_PROFILE_BYTES, keepMs: profilesKeepMs },
  });
  const audit = new AuditNotes({ store, logger });
  auditMetrics(metrics, audit);
  const auditKeepMs = keepMsOf(env.MAINSTAY_AUDIT_RETENTION_DAYS);
  const retention = new Retention({
    store,
    policy: retentionPolicy(env.MAINSTAY_RETENTION_DAYS, env.MAINSTAY_RETENTION_EVERY_MINUTES, env.MAINSTAY_ERROR_RETENTION_DAYS),
    ...(auditKeepMs === undefined ? {} : { auditKeepMs }),
    others: profilesKeepMs === undefined ? [] : [{ what: 'heap snapshots', remove: () => pruneProfiles(profiles, profilesKeepMs) }],
    logger,
    metrics,
  });
  const watch = new DependencyWatch({ engine, store, transport, metrics, logger });
  const health = createHealth({
    lifecycle,
    checks: {
      // goes on until it is answered or the store gives it up: one connection is held by a server that hangs, not one for each look
      postgres: { check: () => store.ping(new AbortController().signal), component: 'postgres' },
      redis: { check: (signal) => transport.ping(signal), component: 'redis' },
      agents: {
        check: () => agentsAreThere(engine, env.MAINSTAY_READY_KINDS),
        critical: env.MAINSTAY_READY_KINDS.length > 0,
        component: 'engine',
        settleMs: 2 * env.MAINSTAY_HEARTBEAT_MS,
      },
      filesystem: { check: () => checkFolder(env.MAINSTAY_DATA_DIR), cacheMs: 5_000, component: 'http' },
      resources: { check: () => shortages.check(), critical: false },
    },
  });

  const retries = zeroed(metrics.counter('mainstay_connection_retries_total'), 'dependency', ['postgres', 'redis']);
  const told = (dependency: string) => ({
    logger,
    retried: () => {
      retries.inc({ dependency });
    },
  });
  lifecycle.add({
    name: 'postgres',
    start: (signal) => patiently(told('postgres'), 'Postgres (DATABASE_URL)', signal, () => store.start()),
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
    name: 'audit',
    start: () => {
      const keepDays = retentionDays(env);
      void auditRetention({ store, notes: audit, logger, tenant: OPERATOR_TENANT, keepDays });
    },
    stop: () => audit.stop(),
  });
  if (traces !== undefined) lifecycle.add({ name: 'traces', stop: () => traces.stop() });
  lifecycle.add({
    name: 'redis',
    start: async (signal) => {
      await patiently(told('redis'), 'Redis (REDIS_URL)', signal, () => transport.start());
      if (env.NODE_ENV === 'production') await assertNoEviction(transport);
    },
    stop: () => transport.close(),
  });
  lifecycle.add({
    name: 'control',
    stop: () => {
      control[Symbol.dispose]();
    },
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
  lifecycle.add({
    name: 'dependency-watch',
    start: () => {
      watch.start();
    },
    stop: () => watch.stop(),
  });
  const harden = parts.harden ?? hardenOrchestrator;
  lifecycle.add(
    httpComponent(env, version, {
      engine,
      transport,
      store,
      retention,
      audit,
      health,
      control,
      logger,
      metrics,
      harden,
      tracing: traces?.tracing,
    }),
  );
  return { lifecycle, logger };
}

type HttpParts = Omit<HttpDeps, 'auth' | 'config' | 'version' | 'engine' | 'hardening' | 'journal'> & {
  readonly engine: HostedEngine;
  readonly transport: Transport;
  readonly harden: NonNullable<ComposeParts['harden']>;
};

/** For how many days each thing is kept, for the audit; null: for ever. */
function retentionDays(env: OrchestratorEnv): JsonObject {
  const days = (value: number): number | null => (value === 0 ? null : value);
  return {
    runs: days(env.MAINSTAY_RETENTION_DAYS),
    errors: days(env.MAINSTAY_ERROR_RETENTION_DAYS ?? env.MAINSTAY_RETENTION_DAYS),
    audit: days(env.MAINSTAY_AUDIT_RETENTION_DAYS),
    profiles: days(env.MAINSTAY_PROFILE_RETENTION_DAYS),
  };
}

/** The HTTP API, and the watch over this process that decides what the API takes on. */
function httpComponent(env: OrchestratorEnv, version: string, parts: HttpParts) {
  let server: HttpServer | undefined;
  let hardened: HardenedOrchestrator | undefined;
  return {
    name: 'http',
    async start() {
      await mkdir(env.MAINSTAY_DATA_DIR, { recursive: true });
      const bootstrapKey = env.MAINSTAY_BOOTSTRAP_ADMIN_KEY?.reveal() ?? (await adminKey(env.MAINSTAY_DATA_DIR));
      hardened = parts.harden({ ...parts, profile: env.MAINSTAY_PROFILE, memoryLimitBytes: env.MAINSTAY_MEMORY_LIMIT });
      server = createHttpServer({
        ...parts,
        hardening: hardened.hardening,
        journal: hardened.journal,
        version,
        auth: { bootstrapKey },
        config: {
          host: env.HOST,
          port: env.PORT,
          drainDelayMs: () => (parts.engine.alone ? 0 : env.MAINSTAY_DRAIN_DELAY_MS),
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
      await hardened?.[Symbol.asyncDispose]();
    },
  };
}

/** Postgres and Redis may be starting as well: tries until they answer or the process is told to stop. */
async function patiently(
  { logger, retried }: { readonly logger: Logger; readonly retried: () => void },
  name: string,
  signal: AbortSignal,
  start: () => Promise<void>,
): Promise<void> {
  await retry(start, {
    name: `connecting to ${name}`,
    signal,
    maxAttempts: Number.POSITIVE_INFINITY,
    baseMs: 250,
    maxMs: 5_000,
    onRetry: ({ error, attempt, delayMs }) => {
      retried();
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
