import { NetworkError } from './classes.ts';
import { causesOf, textOf } from './classification/shape.ts';
import type { JsonObject } from '../json.ts';

/** Connections that never came about: the other side has done nothing. */
const NOT_CONNECTED: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name cannot be looked up',
  EHOSTUNREACH: 'there is no route to the host',
  EHOSTDOWN: 'the host is down',
  ENETUNREACH: 'there is no route to the network',
  ENETDOWN: 'this machine has no network',
  UND_ERR_CONNECT_TIMEOUT: 'the host does not answer',
};

/** Connections that broke or fell silent: what the other side did is unknown. */
const BROKEN: Readonly<Record<string, string>> = {
  ECONNRESET: 'the connection broke',
  ECONNABORTED: 'the connection was given up',
  EPIPE: 'the connection broke',
  ETIMEDOUT: 'the host does not answer',
  UND_ERR_SOCKET: 'the connection broke',
  UND_ERR_HEADERS_TIMEOUT: 'it does not answer in time',
  UND_ERR_BODY_TIMEOUT: 'its answer stopped in the middle',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'its answer is not whole',
  ERR_STREAM_PREMATURE_CLOSE: 'its answer is not whole',
  ERR_NETWORK: 'the connection failed',
};

/** What a code of Node or undici says of a connection, in words; undefined for codes that speak of something else. */
export function networkWords(code: string): string | undefined {
  return own(NOT_CONNECTED, code) ?? own(BROKEN, code) ?? (code.startsWith('HPE_') ? 'it does not speak HTTP' : undefined);
}

/** Whether the code says that the other side was never reached, so that even what must not be done twice may be tried again. */
export function wasNeverConnected(code: unknown): boolean {
  return typeof code === 'string' && Object.hasOwn(NOT_CONNECTED, code);
}

/**
 * What a request threw, as NETWORK_FAILED: the address, the reason in words, and the first code of its causes in
 * `details.reason` (empty where there is none). A NetworkError comes back as it is.
 */
export function networkFailure(url: string, thrown: unknown, details: JsonObject = {}): NetworkError {
  if (thrown instanceof NetworkError) return thrown;
  const chain = causesOf(thrown);
  const reason = chain.map((error) => textOf(error, 'code')).find((code) => code !== undefined) ?? '';
  const said = chain.map((error) => textOf(error, 'message')).findLast((message) => message !== undefined && message !== '');
  const words = networkWords(reason) ?? said ?? (reason === '' ? String(thrown) : reason);
  return new NetworkError(`${url} cannot be reached: ${words}`, { cause: thrown, details: { reason, ...details } });
}

function own(table: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
