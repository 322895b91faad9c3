import { AgentError, CancelledError, NetworkError } from '@mainstay/types';
import { describe, expect, test } from '@jest/globals';
import { dispositionOf } from './disposition.ts';

const withCode = (code: string, cause?: unknown) => Object.assign(new Error(code, { cause }), { code });

describe('dispositionOf', () => {
  test.each([
    ['a retryable error of the platform', new NetworkError('x'), 'retryable'],
    ['a terminal one', new AgentError('AGENT_REJECTED', 'x'), 'terminal'],
    ['a cancellation', new CancelledError('CANCELLED', 'x'), 'cancelled'],
    ["a platform error's own choice", new NetworkError('x', { disposition: 'terminal' }), 'terminal'],
    ['an AbortError', new DOMException('stop', 'AbortError'), 'cancelled'],
    ['the TimeoutError of a signal', new DOMException('late', 'TimeoutError'), 'retryable'],
    ['a refused connection', withCode('ECONNREFUSED'), 'retryable'],
    ['a failed fetch with a network cause', new TypeError('fetch failed', { cause: withCode('ENOTFOUND') }), 'retryable'],
    ['another error', new Error('x'), undefined],
    ['a file that may not be read', withCode('EACCES'), 'terminal'],
    ['an answer over HTTP', { status: 503 }, 'retryable'],
    ['another code', withCode('ENOSUCHCODE'), undefined],
    ['no error at all', undefined, undefined],
    ['text', 'ECONNREFUSED', undefined],
  ])('of %s', (_what, error, expected) => {
    expect(dispositionOf(error)).toBe(expected);
  });

  test('ends on errors that are their own cause', () => {
    const error = new Error('loop');
    error.cause = error;
    expect(dispositionOf(error)).toBeUndefined();
  });
});
