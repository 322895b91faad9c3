import { randomBytes } from 'node:crypto';
import { createWorker } from '@mainstay/agent';
import { agentsEnv, loadConfig } from '@mainstay/config';
import { createLifecycle, installSignals, watchParent } from '@mainstay/lifecycle';
import { createLogger } from '@mainstay/observability';
import { createRedisTransport } from '@mainstay/transport/redis';
import { ChaosAsk, ChaosPoison, ChaosStep } from './chaos-agents.ts';

/** Where steps are noted. */
export const STEP_LOG_VARIABLE = 'CHAOS_STEP_LOG';

/** A worker process with agents that note what they do: the same parts and settings as that of `apps/agents`. */
const env = loadConfig(agentsEnv);
const name = `worker-chaos-${String(process.pid)}-${randomBytes(4).toString('hex')}`;
const logger = createLogger({ service: 'agents', level: env.LOG_LEVEL, bindings: { worker: name } });
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
const stepLog = process.env[STEP_LOG_VARIABLE] ?? '/dev/null';
const worker = createWorker({
  transport,
  agents: [new ChaosStep(stepLog), new ChaosAsk(), new ChaosPoison(stepLog)],
  logger,
  capacity: env.MAINSTAY_WORKER_CAPACITY,
  heartbeatMs: env.MAINSTAY_HEARTBEAT_MS,
  leaseMs: env.MAINSTAY_LEASE_MS,
  maxOutputBytes: env.MAINSTAY_MAX_OUTPUT_BYTES,
  maxCheckpointBytes: env.MAINSTAY_MAX_OUTPUT_BYTES,
});
lifecycle.add({ name: 'transport', start: () => transport.start(), stop: () => transport.close() });
lifecycle.add({ name: 'worker', start: () => worker.start(), drain: (deadline) => worker.drain(deadline), stop: () => worker.stop() });
installSignals(lifecycle);
watchParent(env.MAINSTAY_PARENT_FD, () => {
  process.exit(1);
});
await lifecycle.start();
