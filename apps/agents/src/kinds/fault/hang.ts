import { BaseAgent, type TaskContext } from '@mainstay/agent';
import { z } from 'zod';
import { survives, times } from './survives.ts';

/** Blocks the event loop of its worker, as a computation without end would. */
export class Hang extends BaseAgent {
  readonly kind = 'hang';
  override readonly description = 'Blocks the event loop of its worker for ms milliseconds in the first `times` attempts.';
  readonly input = z.object({ ms: z.number().int().min(0).max(3_600_000), times });
  readonly output = z.object({ hungMs: z.number(), attempt: z.number().int() });

  run({ ms, times: harmful }: z.infer<typeof this.input>, ctx: TaskContext) {
    const hungMs = survives(ctx, harmful) ? 0 : ms;
    if (hungMs > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, hungMs);
    return Promise.resolve({ hungMs, attempt: ctx.attempt });
  }
}
