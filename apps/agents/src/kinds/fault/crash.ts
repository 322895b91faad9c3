import { BaseAgent, type TaskContext } from '@mainstay/agent';
import { z } from 'zod';
import { survives, times } from './survives.ts';

/** Kills its worker. */
export class Crash extends BaseAgent {
  readonly kind = 'crash';
  override readonly description = 'Kills its worker with SIGKILL in the first `times` attempts.';
  readonly input = z.object({ times });
  readonly output = z.object({ attempt: z.number().int() });

  run({ times: harmful }: z.infer<typeof this.input>, ctx: TaskContext) {
    if (!survives(ctx, harmful)) process.kill(process.pid, 'SIGKILL');
    return Promise.resolve({ attempt: ctx.attempt });
  }
}
