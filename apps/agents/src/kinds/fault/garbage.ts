import { BaseAgent } from '@mainstay/agent';
import { z } from 'zod';

/** Breaks its promise about its output. */
export class Garbage extends BaseAgent {
  readonly kind = 'garbage';
  override readonly description = 'Returns what its output schema does not allow.';
  readonly input = z.unknown();
  readonly output = z.object({ count: z.number() });

  run(): Promise<unknown> {
    return Promise.resolve({ count: 'many' });
  }
}
