import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BaseAgent, createWorker, type TaskContext } from '@mainstay/agent';
import { agentsEnv, loadConfig, traceSettings } from '@mainstay/config';
import { createLifecycle, installSignals } from '@mainstay/lifecycle';
import { createLogger, createTracing, genAiAttributes, traceEnvironment, traceHeaders } from '@mainstay/observability';
import { APP_NODE_ARGS } from '@mainstay/services';
import { createRedisTransport } from '@mainstay/transport/redis';
import { AgentError } from '@mainstay/types';
import { z } from 'zod';

const run = promisify(execFile);
const CHILD = fileURLToPath(new URL('./traced-child.ts', import.meta.url));

/** Fails at its first attempt; at the second it calls a service, and a program of its own. */
class Asking extends BaseAgent {
  readonly kind = 'asking';
  readonly input = z.object({ url: z.string() });
  readonly output = z.object({ answer: z.string() });

  async run({ url }: z.infer<typeof this.input>, ctx: TaskContext) {
    if (ctx.attempt === 1) throw new AgentError('AGENT_FAILED', 'not yet', { disposition: 'retryable' });
    const answer = await ctx.call('model', async (signal, span) => {
      span.set(genAiAttributes({ operation: 'chat', provider: 'local', requestModel: 'm-1', inputTokens: 7, outputTokens: 11 }));
      await run(process.execPath, [...APP_NODE_ARGS, CHILD], { env: { ...process.env, ...traceEnvironment() }, signal });
      return (await fetch(url, { headers: traceHeaders(), signal })).text();
    });
    return { answer };
  }
}

/** A worker as a user of the packages writes it. */
const env = loadConfig(agentsEnv);
const logger = createLogger({ service: 'traced-worker', level: env.LOG_LEVEL });
const tracing = createTracing({ service: 'traced-worker', settings: traceSettings(env) });
const transport = createRedisTransport({
  url: env.REDIS_URL,
  name: `traced-${process.pid}`,
  side: 'worker',
  prefix: env.MAINSTAY_REDIS_PREFIX,
  keys: env.MAINSTAY_SIGNING_KEYS.map(({ id, key }) => ({ id, secret: key.reveal() })),
});
const worker = createWorker({ transport, agents: [new Asking()], logger, tracing });
const lifecycle = createLifecycle({ logger, graceMs: env.MAINSTAY_SHUTDOWN_GRACE_MS });
lifecycle.add({ name: 'traces', stop: () => tracing?.close() });
lifecycle.add({ name: 'transport', start: () => transport.start(), stop: () => transport.close() });
lifecycle.add({ name: 'worker', start: () => worker.start(), drain: (deadline) => worker.drain(deadline), stop: () => worker.stop() });
installSignals(lifecycle);
await lifecycle.start();
