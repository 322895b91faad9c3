import { BaseAgent, createWorker } from '@mainstay/agent';
import { createClient } from '@mainstay/client';
import { agentsEnv, loadConfig, traceSettings } from '@mainstay/config';
import { createLifecycle, installSignals } from '@mainstay/lifecycle';
import { createLogger, createTracing } from '@mainstay/observability';
import { createRedisTransport } from '@mainstay/transport/redis';
import { z } from 'zod';
import { startOwnSdk } from './own-sdk.ts';

/** A worker of a process with an OpenTelemetry SDK of its own, which submits further runs from its agent. */
const sdk = startOwnSdk('own-sdk');

class Instrumented extends BaseAgent {
  readonly kind = 'instrumented';
  readonly input = z.object({ url: z.string(), key: z.string(), then: z.string() });
  readonly output = z.object({ run: z.string() });

  run({ url, key, then }: z.infer<typeof this.input>) {
    return sdk.tracer.startActiveSpan('own work', async (span) => {
      await using client = createClient({ url, key });
      const { id } = await client.submit({ pipeline: then });
      span.end();
      return { run: id };
    });
  }
}

const env = loadConfig(agentsEnv);
const logger = createLogger({ service: 'sdk-worker', level: env.LOG_LEVEL });
const tracing = createTracing({ service: 'sdk-worker', settings: traceSettings(env) });
const transport = createRedisTransport({
  url: env.REDIS_URL,
  name: `sdk-${process.pid}`,
  side: 'worker',
  prefix: env.MAINSTAY_REDIS_PREFIX,
  keys: env.MAINSTAY_SIGNING_KEYS.map(({ id, key }) => ({ id, secret: key.reveal() })),
});
const worker = createWorker({ transport, agents: [new Instrumented()], logger, tracing });
const lifecycle = createLifecycle({ logger, graceMs: env.MAINSTAY_SHUTDOWN_GRACE_MS });
lifecycle.add({ name: 'own sdk', stop: () => sdk.stop() });
lifecycle.add({ name: 'traces', stop: () => tracing?.close() });
lifecycle.add({ name: 'transport', start: () => transport.start(), stop: () => transport.close() });
lifecycle.add({ name: 'worker', start: () => worker.start(), drain: (deadline) => worker.drain(deadline), stop: () => worker.stop() });
installSignals(lifecycle);
await lifecycle.start();
