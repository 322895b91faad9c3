import { codeOfStatus, dispositionOfStatus, isErrorCode, MainstayError } from '@mainstay/types';
import type { Problem } from './problem.ts';

/** The server answered with a problem. */
export class RemoteError extends MainstayError {
  readonly problem: Problem;

  constructor(problem: Problem, options: { readonly retryAfterMs?: number | undefined } = {}) {
    super(isErrorCode(problem.code) ? problem.code : codeOfStatus(problem.status), problem.detail ?? problem.title, {
      disposition: dispositionOfStatus(problem.status),
      ...(options.retryAfterMs === undefined ? {} : { retryAfterMs: options.retryAfterMs }),
    });
    this.problem = problem;
  }
}
