import { BaseAgent, type TaskContext } from '@mainstay/agent';
import type { JsonValue } from '@mainstay/types';
import { z } from 'zod';

const json = z.json();

/** Asks a question and returns the answer. */
export class Ask extends BaseAgent {
  readonly kind = 'ask';
  override readonly description = 'Asks the question and returns the answer.';
  readonly input = z.object({
    question: z.string().min(1),
    options: z.array(json).min(1).optional(),
    timeoutMs: z.number().int().positive().optional(),
    default: json.optional(),
  });
  readonly output = z.object({ answer: json });

  async run(
    { question, options, timeoutMs, default: fallback }: z.infer<typeof this.input>,
    ctx: TaskContext,
  ): Promise<{ answer: JsonValue }> {
    const answer = await ctx.ask(question, {
      ...(options === undefined ? {} : { options }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(fallback === undefined ? {} : { default: fallback }),
    });
    return { answer };
  }
}
