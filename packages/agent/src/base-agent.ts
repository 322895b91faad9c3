import type { z } from 'zod';
import type { TaskContext } from './task-context.ts';

/**
 * Code that does the tasks of one kind. Extend it, declare `kind`, `input` and `output`, and write `run`: the worker
 * checks what goes in and what comes out against the schemas. One instance serves all attempts of a worker at the same
 * time, so keep what belongs to an attempt in `run`'s own variables.
 */
export abstract class BaseAgent<I = unknown, O = unknown> {
  /** Name under which pipelines refer to the agent. */
  abstract readonly kind: string;
  /** What `run` accepts; anything else ends the task with `AGENT_INPUT_INVALID`. */
  abstract readonly input: z.ZodType<I>;
  /** What `run` promises; anything else ends the task with `AGENT_OUTPUT_INVALID`. */
  abstract readonly output: z.ZodType<O>;
  /** Shown to operators. */
  readonly version?: string;
  readonly description?: string;
  /** Attempts of this kind at once in one worker. Default: the worker's capacity. */
  readonly concurrency?: number;

  /**
   * Does one attempt. May be called again for the same task after a crash, so side effects should use
   * `ctx.idempotencyKey`. What it throws decides what follows: a MainstayError says itself whether trying again makes
   * sense (`throw new AgentError('AGENT_REJECTED', …)`: it does not); anything else is tried again.
   */
  abstract run(input: I, ctx: TaskContext): Promise<O>;

  /** Called once before the worker takes tasks. A failure stops the worker's start. */
  start?(signal: AbortSignal): Promise<void>;
  /** Called once after the last attempt has ended. */
  stop?(): Promise<void>;
}
