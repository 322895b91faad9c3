import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { BaseAgent, type TaskContext } from '@mainstay/agent';
import { agentsEnv, loadConfig } from '@mainstay/config';
import { runProgram } from '@mainstay/lifecycle';
import { plantedKey, plantedUrl } from '@mainstay/services';
import { AgentError } from '@mainstay/types';
import { z } from 'zod';
import { composeWorker } from '../compose.ts';

const run = promisify(execFile);
const input = z.object({ customer: z.string(), key: z.string(), password: z.string(), url: z.string(), own: z.string() });

/** Says everything that it should not, wherever it can, and fails with it. */
class Leaky extends BaseAgent {
  readonly kind = 'leaky';
  readonly input = input;
  readonly output = z.json();

  async run(given: z.infer<typeof input>, { log }: TaskContext): Promise<unknown> {
    log.info(
      { given, headers: { authorization: `Bearer ${plantedKey('header')}`, cookie: plantedKey('cookie') } },
      `using ${given.key} for ${given.own}`,
    );
    log.warn({ err: new Error(`cannot reach ${given.url}`) }, `no answer of ${plantedUrl('log')}`);
    // what a child process prints ends up in the error that tells of it
    const failed = await run('sh', ['-c', `echo "denied: ${plantedKey('child')}" >&2; exit 1`]).catch((error: unknown) => error);
    log.debug({ env: process.env }, 'all that it was given');
    const details = { password: given.password, of: given.own };
    throw new AgentError('AGENT_FAILED', `the tool failed with ${plantedUrl('error')} of ${given.own}`, { cause: failed, details });
  }
}

await runProgram({
  version: '0',
  usage: () => '',
  compose: () => {
    const env = loadConfig(agentsEnv);
    return { ...composeWorker(env, [new Leaky()], '0'), parentFd: env.MAINSTAY_PARENT_FD };
  },
});
