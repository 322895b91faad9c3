import { BaseAgent } from '@mainstay/agent';
import { z } from 'zod';

/** Returns its input. For benchmarks. */
export class Noop extends BaseAgent {
  readonly kind = 'noop';
  override readonly description = 'Returns its input.';
  readonly input = z.unknown();
  readonly output = z.unknown();

  run(input: unknown): Promise<unknown> {
    return Promise.resolve(input);
  }
}
