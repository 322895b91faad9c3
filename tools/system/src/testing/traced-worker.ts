import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BaseAgent, type TaskContext } from '@mainstay/agent';
import { genAiAttributes, traceEnvironment, traceHeaders } from '@mainstay/observability';
import { APP_NODE_ARGS } from '@mainstay/services';
import { AgentError } from '@mainstay/types';
import { z } from 'zod';
import { runOwnWorker } from './run-own-worker.ts';

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

await runOwnWorker('traced-worker', [new Asking()]);
