import { setTimeout as wait } from 'node:timers/promises';
import { BaseAgent, type TaskContext } from '@mainstay/agent';
import { NetworkError } from '@mainstay/types';
import { z } from 'zod';

/** Calls something outside that fails so many times; its retries and its circuit are those of any agent's call. */
export class Call extends BaseAgent {
  readonly kind = 'call';
  override readonly description = 'Makes a call of the name, whose first tries fail.';
  readonly input = z.object({
    name: z.string().min(1).max(100).default('sample'),
    failures: z.number().int().nonnegative().default(0),
    /** The call takes so long and ignores that it is given up after `timeoutMs`. */
    deafMs: z.number().int().nonnegative().default(0),
    timeoutMs: z.number().int().positive().default(1_000),
  });
  readonly output = z.object({ tries: z.number().int() });

  async run({ name, failures, deafMs, timeoutMs }: z.infer<typeof this.input>, ctx: TaskContext): Promise<{ tries: number }> {
    let tries = 0;
    return await ctx.call(
      name,
      async () => {
        tries += 1;
        if (deafMs > 0) await wait(deafMs);
        if (tries <= failures) throw new NetworkError(`try ${tries} of ${name} fails, as it was told`);
        return { tries };
      },
      { maxAttempts: 3, baseMs: 1, timeoutMs },
    );
  }
}
