import { BaseAgent, type TaskContext } from '@mainstay/agent';
import type { z } from 'zod';
import type { TargetInput } from './model.ts';
import type { Work } from './work.ts';

/** An analysis of a path, as data: what it is called, what it gives, and the function that does it. */
export interface Analysis<O> {
  readonly kind: string;
  readonly description: string;
  readonly input: z.ZodType<TargetInput>;
  readonly output: z.ZodType<O>;
  readonly analyse: (input: TargetInput, work: Work) => Promise<O>;
}

/** Lets an analysis report as often as it likes: the context sends only the latest, and one that cannot be sent is not missed. */
export function workOf(ctx: Pick<TaskContext, 'signal' | 'progress' | 'log'>): Work {
  return {
    signal: ctx.signal,
    progress: (fraction, note) => {
      ctx.progress(fraction, note.slice(0, 1000)).catch((error: unknown) => {
        ctx.log.debug({ err: error }, 'progress was not sent');
      });
    },
  };
}

/** Runs an {@link Analysis} as an agent. */
export class AnalysisAgent<O> extends BaseAgent<TargetInput, O> {
  readonly kind: string;
  readonly input: z.ZodType<TargetInput>;
  readonly output: z.ZodType<O>;
  override readonly description: string;
  readonly #analyse: Analysis<O>['analyse'];

  constructor({ kind, description, input, output, analyse }: Analysis<O>) {
    super();
    this.kind = kind;
    this.description = description;
    this.input = input;
    this.output = output;
    this.#analyse = analyse;
  }

  run(input: TargetInput, ctx: TaskContext): Promise<O> {
    return this.#analyse(input, workOf(ctx));
  }
}
