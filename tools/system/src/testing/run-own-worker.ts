import { type BaseAgent, createWorker } from '@mainstay/agent';
import { agentsEnv, loadConfig, traceSettings } from '@mainstay/config';
import { type Component, createLifecycle, installSignals } from '@mainstay/lifecycle';
import { createLogger, createTracing } from '@mainstay/observability';
import { createRedisTransport } from '@mainstay/transport/redis';

/** A worker as a user of the packages writes it, with traces. `first`: components of its own, which end last. Resolves when it works. */
export async function runOwnWorker(service: string, agents: readonly BaseAgent[], first: readonly Component[] = []): Promise<void> {
  const env = loadConfig(agentsEnv);
  const logger = createLogger({ service, level: env.LOG_LEVEL });
  const tracing = createTracing({ service, settings: traceSettings(env) });
  const transport = createRedisTransport({
    url: env.REDIS_URL,
    name: `${service}-${process.pid}`,
    side: 'worker',
    prefix: env.MAINSTAY_REDIS_PREFIX,
    keys: env.MAINSTAY_SIGNING_KEYS.map(({ id, key }) => ({ id, secret: key.reveal() })),
  });
  const worker = createWorker({ transport, agents, logger, tracing });
  const lifecycle = createLifecycle({ logger, graceMs: env.MAINSTAY_SHUTDOWN_GRACE_MS });
  for (const component of first) lifecycle.add(component);
  lifecycle.add({ name: 'traces', stop: () => tracing?.close() });
  lifecycle.add({ name: 'transport', start: () => transport.start(), stop: () => transport.close() });
  lifecycle.add({ name: 'worker', start: () => worker.start(), drain: (deadline) => worker.drain(deadline), stop: () => worker.stop() });
  installSignals(lifecycle);
  await lifecycle.start();
}
