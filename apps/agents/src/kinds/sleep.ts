import { BaseAgent, type TaskContext } from '@mainstay/agent';
import { type Clock, systemClock } from '@mainstay/utils';
import { z } from 'zod';

const checkpoint = z.object({ doneMs: z.number().nonnegative() });

/** Sleeps in steps with a checkpoint after each, so that a later attempt goes on from there. */
export class Sleep extends BaseAgent {
  readonly kind = 'sleep';
  override readonly description = 'Sleeps for ms milliseconds in steps of stepMs, with a checkpoint after each step.';
  readonly input = z.object({
    ms: z.number().int().min(0).max(86_400_000),
    stepMs: z.number().int().min(1).max(86_400_000).default(500),
  });
  readonly output = z.object({
    /** Slept by the attempt that finished. */
    sleptMs: z.number(),
    /** Where that attempt went on; 0 when it began at the beginning. */
    resumedFromMs: z.number(),
    steps: z.number().int(),
  });
  readonly #clock: Clock;

  constructor(clock: Clock = systemClock) {
    super();
    this.#clock = clock;
  }

  async run({ ms, stepMs }: z.infer<typeof this.input>, ctx: TaskContext) {
    const resumedFromMs = Math.min(ms, checkpoint.safeParse(ctx.restored).data?.doneMs ?? 0);
    let doneMs = resumedFromMs;
    let steps = 0;
    while (doneMs < ms) {
      doneMs += await this.#step(Math.min(stepMs, ms - doneMs), doneMs, ctx);
      steps += 1;
      if (doneMs >= ms) break;
      await ctx.checkpoint({ doneMs });
      await ctx.progress(doneMs / ms);
    }
    return { sleptMs: doneMs - resumedFromMs, resumedFromMs, steps };
  }

  /** Sleeps; hands the task back as soon as the worker begins to drain. */
  async #step(ms: number, doneMs: number, ctx: TaskContext): Promise<number> {
    const begun = this.#clock.monotonic();
    try {
      await this.#clock.sleep(ms, AbortSignal.any([ctx.signal, ctx.draining]));
      return ms;
    } catch (error) {
      if (ctx.signal.aborted || !ctx.draining.aborted) throw error;
      return ctx.suspend({ doneMs: doneMs + Math.min(ms, Math.floor(this.#clock.monotonic() - begun)) });
    }
  }
}
