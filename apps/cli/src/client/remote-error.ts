import { type ErrorCode, isErrorCode, MainstayError } from '@mainstay/types';
import type { Problem } from './problem.ts';

/** The server answered with a problem. */
export class RemoteError extends MainstayError {
  readonly problem: Problem;

  constructor(problem: Problem, options: { readonly retryAfterMs?: number | undefined } = {}) {
    super(isErrorCode(problem.code) ? problem.code : codeOfStatus(problem.status), problem.detail ?? problem.title, {
      disposition: mayPass(problem.status) ? 'retryable' : 'terminal',
      ...(options.retryAfterMs === undefined ? {} : { retryAfterMs: options.retryAfterMs }),
    });
    this.problem = problem;
  }
}

/** Whether the same request may be taken later. */
function mayPass(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/** For codes of a newer server. */
function codeOfStatus(status: number): ErrorCode {
  switch (status) {
    case 401:
      return 'UNAUTHENTICATED';
    case 403:
      return 'FORBIDDEN';
    case 404:
      return 'NOT_FOUND';
    case 409:
      return 'CONFLICT';
    case 429:
      return 'RATE_LIMITED';
    case 503:
      return 'OVERLOADED';
    default:
      return status >= 500 ? 'INTERNAL' : 'VALIDATION_FAILED';
  }
}
