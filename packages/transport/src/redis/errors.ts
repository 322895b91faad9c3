import { DependencyError, MainstayError, shortageOf } from '@mainstay/types';

/**
 * Any failure as REDIS_UNAVAILABLE, except our own errors and what a server refuses that is full (REDIS_FULL). The cause is not kept: the
 * client's errors carry the arguments of the failed command, which may be a password or a payload.
 */
export function toUnavailable(thrown: unknown, endpoint: string): MainstayError {
  if (thrown instanceof MainstayError) return thrown;
  const reason = thrown instanceof Error ? reasonOf(thrown) : String(thrown);
  const shortage = shortageOf(thrown);
  if (shortage?.code === 'REDIS_FULL') {
    return new DependencyError('REDIS_FULL', `Redis at ${endpoint} takes nothing more: ${reason}`, {
      details: { endpoint, resource: shortage.resource },
    });
  }
  return new DependencyError('REDIS_UNAVAILABLE', `Redis at ${endpoint} cannot be used: ${reason}`, {
    details: { endpoint },
  });
}

/** True when the outcome of a command is unknown because no answer came in time. */
export function isCommandTimeout(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.message === 'Command timed out';
}

/** True when the server answered with an error that begins with one of these words. */
export function isReply(thrown: unknown, ...words: readonly string[]): boolean {
  return thrown instanceof Error && thrown.name === 'ReplyError' && words.some((word) => thrown.message.startsWith(word));
}

/** The client speaks of its own settings where the connection broke while a command was under way. */
function reasonOf({ name, message }: Error): string {
  if (name === 'MaxRetriesPerRequestError' || name === 'AbortError') return 'the connection was lost before the answer came';
  if (message.startsWith("Stream isn't writeable")) return 'it is not connected';
  return message === '' ? 'the connection failed' : message;
}
