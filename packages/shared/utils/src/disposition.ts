import { type Disposition, MainstayError } from '@mainstay/types';

/** Codes of Node and undici for connections that broke or never came about. */
const NETWORK_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_SOCKET',
]);

const DEEPEST_CAUSE = 5;

/**
 * What may be done about any thrown value: what a {@link MainstayError} says of itself; `cancelled` for an AbortError;
 * `retryable` for a TimeoutError of the platform's own signals and for network failures, also as a cause; undefined for
 * everything that nobody classified.
 */
export function dispositionOf(thrown: unknown): Disposition | undefined {
  if (thrown instanceof MainstayError) return thrown.disposition;
  const name = textOf(thrown, 'name');
  if (name === 'AbortError') return 'cancelled';
  return name === 'TimeoutError' || isNetworkFailure(thrown) ? 'retryable' : undefined;
}

function isNetworkFailure(thrown: unknown): boolean {
  let error = thrown;
  for (let depth = 0; depth < DEEPEST_CAUSE; depth++) {
    const code = textOf(error, 'code');
    if (code !== undefined && NETWORK_CODES.has(code)) return true;
    if (!isObject(error)) return false;
    error = error['cause'];
  }
  return false;
}

function textOf(value: unknown, key: string): string | undefined {
  const text = isObject(value) ? value[key] : undefined;
  return typeof text === 'string' ? text : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
