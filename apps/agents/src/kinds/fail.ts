import { BaseAgent, type TaskContext } from '@mainstay/agent';
import { isErrorCode, MainstayError } from '@mainstay/types';
import { z } from 'zod';

/** Fails as many attempts as it is told to, then returns. */
export class Fail extends BaseAgent {
  readonly kind = 'fail';
  override readonly description =
    'Fails the first `times` attempts, with the error `code` if one is given, then returns the number of the attempt.';
  readonly input = z.object({
    times: z.number().int().min(0).max(1_000_000),
    code: z.string().refine(isErrorCode, 'is not a code of the error catalogue (docs/ERROR-HANDLING.md)').optional(),
  });
  readonly output = z.object({ attempt: z.number().int() });

  run({ times, code }: z.infer<typeof this.input>, { attempt }: TaskContext) {
    if (attempt > times) return Promise.resolve({ attempt });
    const message = `Attempt ${attempt} fails because it was asked to (${times} times)`;
    return Promise.reject(code !== undefined && isErrorCode(code) ? new MainstayError(code, message) : new Error(message));
  }
}
