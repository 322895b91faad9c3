import { z } from 'zod';
import { BaseAgent } from '../base-agent.ts';
import type { TaskContext } from '../task-context.ts';

/** An agent of any kind whose `run` is given. */
export class TestAgent extends BaseAgent {
  readonly kind: string;
  readonly input = z.unknown();
  readonly output: z.ZodType = z.unknown();
  readonly #run: (input: unknown, ctx: TaskContext) => Promise<unknown>;

  constructor(kind: string, run: (input: unknown, ctx: TaskContext) => Promise<unknown>) {
    super();
    this.kind = kind;
    this.#run = run;
  }

  async run(input: unknown, ctx: TaskContext): Promise<unknown> {
    return this.#run(input, ctx);
  }
}

/** An agent that runs until it is told to stop; then it throws the signal's reason. */
export function waiting(kind = 'waiting', onStart: (ctx: TaskContext) => void | Promise<void> = () => undefined): TestAgent {
  return new TestAgent(kind, async (_input, ctx) => {
    await onStart(ctx);
    return aborted(ctx.signal);
  });
}

/** Rejects with the signal's reason when it aborts. */
export function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const onAbort = () => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
