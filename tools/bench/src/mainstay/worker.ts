import { randomBytes } from 'node:crypto';
import { createWorker } from '@mainstay/agent';
import { agentsEnv, loadConfig } from '@mainstay/config';
import { createLifecycle, installSignals, watchParent } from '@mainstay/lifecycle';
import { createLogger, createMetrics } from '@mainstay/observability';
import { createRedisTransport } from '@mainstay/transport/redis';
import { BenchEmit, BenchSleep, BenchStep } from './bench-agents.ts';

/** Where the steps of the recovery are noted. */
export const STEP_LOG_VARIABLE = 'BENCH_STEP_LOG';

/** A worker process with the benchmark's agents: the same parts and settings as that of `apps/agents`. */
const env = loadConfig(agentsEnv);
const name = `worker-bench-${process.pid}-${randomBytes(4).toString('hex')}`;
const logger = createLogger({ service: 'agents', level: env.LOG_LEVEL, bindings: { worker: name } });
const metrics = createMetrics({ service: 'agents' });
const tasks = metrics.counter('mainstay_tasks_total');
const durations = metrics.histogram('mainstay_task_duration_seconds');
const running = metrics.gauge('mainstay_worker_running');
const lifecycle = createLifecycle({ logger, graceMs: env.MAINSTAY_SHUTDOWN_GRACE_MS });
const transport = createRedisTransport({
  url: env.REDIS_URL,
  name,
  side: 'worker',
  prefix: env.MAINSTAY_REDIS_PREFIX,
  keys: env.MAINSTAY_SIGNING_KEYS.map(({ id, key }) => ({ id, secret: key.reveal() })),
  maxMessageBytes: env.MAINSTAY_MAX_MESSAGE_BYTES,
  inlineBytes: env.MAINSTAY_INLINE_BYTES,
});
const worker = createWorker({
  transport,
  agents: [new BenchStep(), new BenchSleep(process.env[STEP_LOG_VARIABLE] ?? '/dev/null'), new BenchEmit()],
  logger,
  capacity: env.MAINSTAY_WORKER_CAPACITY,
  heartbeatMs: env.MAINSTAY_HEARTBEAT_MS,
  leaseMs: env.MAINSTAY_LEASE_MS,
  maxOutputBytes: env.MAINSTAY_MAX_OUTPUT_BYTES,
  maxCheckpointBytes: env.MAINSTAY_MAX_OUTPUT_BYTES,
  metrics: {
    attemptEnded: ({ kind, status, durationMs }) => {
      tasks.inc({ agent: kind, status });
      durations.observe({ agent: kind }, durationMs / 1_000);
    },
    running: (count) => {
      running.set(count);
    },
  },
});
lifecycle.add({ name: 'transport', start: () => transport.start(), stop: () => transport.close() });
lifecycle.add({
  name: 'worker',
  start: () => worker.start(),
  drain: (deadline) => worker.drain(deadline),
  stop: () => worker.stop(),
});
installSignals(lifecycle);
watchParent(env.MAINSTAY_PARENT_FD, () => {
  process.exit(1);
});
await lifecycle.start();
