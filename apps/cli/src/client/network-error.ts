import { NetworkError } from '@mainstay/types';

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection broke',
  UND_ERR_SOCKET: 'the connection broke',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name cannot be looked up',
  ETIMEDOUT: 'the host does not answer',
  UND_ERR_CONNECT_TIMEOUT: 'the host does not answer',
  EHOSTUNREACH: 'there is no route to the host',
  UND_ERR_HEADERS_TIMEOUT: 'it does not answer in time',
};

/** What `fetch` threw, in words. */
export function networkError(url: string, thrown: unknown): NetworkError {
  if (thrown instanceof NetworkError) return thrown;
  const reason = codeOf(thrown);
  const words = REASONS[reason] ?? (thrown instanceof Error ? rootMessage(thrown) : String(thrown));
  return new NetworkError(`${url} cannot be reached: ${words}`, {
    cause: thrown,
    details: { reason, hint: 'Start the platform with `npm start`, or name its address with --url or MAINSTAY_URL.' },
  });
}

/** The first code in the chain of causes. */
function codeOf(thrown: unknown): string {
  for (let error = thrown, depth = 0; typeof error === 'object' && error !== null && depth < 5; depth++) {
    if ('code' in error && typeof error.code === 'string') return error.code;
    error = 'cause' in error ? error.cause : undefined;
  }
  return '';
}

function rootMessage(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : error.message;
}
