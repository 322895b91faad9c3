import { setImmediate as nextTurn } from 'node:timers/promises';
import { BaseAgent, type TaskContext } from '@mainstay/agent';
import { sleep } from '@mainstay/utils';
import { z } from 'zod';
import { survives, times } from './survives.ts';

const NUMBERS_PER_PIECE = 1_048_576;
const BYTES_PER_PIECE = NUMBERS_PER_PIECE * 8;

/** Allocates on the JavaScript heap until it has as much as it was told, or the process dies of it. */
export class Hog extends BaseAgent {
  readonly kind = 'hog';
  override readonly description = 'Allocates up to maxBytes of heap in the first `times` attempts and frees them when it returns.';
  readonly input = z.object({
    maxBytes: z
      .number()
      .int()
      .min(0)
      .max(2 ** 40),
    /** Holds it for so long, or until it is told to stop. */
    holdMs: z.number().int().min(0).max(86_400_000).default(0),
    times,
  });
  readonly output = z.object({ bytes: z.number(), attempt: z.number().int() });

  async run({ maxBytes, holdMs, times: harmful }: z.infer<typeof this.input>, ctx: TaskContext) {
    const pieces: number[][] = [];
    const wanted = survives(ctx, harmful) ? 0 : Math.ceil(maxBytes / BYTES_PER_PIECE);
    while (pieces.length < wanted) {
      ctx.signal.throwIfAborted();
      pieces.push(Array.from({ length: NUMBERS_PER_PIECE }, (_, index) => index + 0.5));
      await nextTurn();
    }
    if (pieces.length > 0 && holdMs > 0) await sleep(holdMs, { signal: ctx.signal });
    return { bytes: pieces.length * BYTES_PER_PIECE, attempt: ctx.attempt };
  }
}
