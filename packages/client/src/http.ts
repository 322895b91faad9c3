import { Agent as HttpAgent, type ClientRequest, type IncomingMessage, request as httpRequest, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { NetworkError, networkFailure } from '@mainstay/types';
import { retry } from '@mainstay/utils';
import type { ClientSettings } from './client-options.ts';
import { errorOf, wasNotTaken } from './problem.ts';

export interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** JSON text. */
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly retryAfter: string | undefined;
  /** The run had been created before under this key. */
  readonly replayed: boolean;
}

/** Answers beyond this many characters are cut off: no answer of a Mainstay is that long. */
const MAX_ANSWER = 64 * 1_024 * 1_024;
const MAX_SOCKETS = 64;

/** Requests over connections that are kept open. */
export class Http {
  readonly url: string;
  readonly settings: ClientSettings;
  readonly #prefix: string;
  readonly #agent: HttpAgent;
  readonly #request: typeof httpRequest;
  readonly #target: RequestOptions;
  readonly #authorization: string;

  constructor(settings: ClientSettings) {
    this.settings = settings;
    const { protocol, hostname, port, pathname } = new URL(settings.url);
    const secure = protocol === 'https:';
    this.url = settings.url;
    this.#prefix = pathname.replace(/\/+$/, '');
    const pool = { keepAlive: true, maxSockets: MAX_SOCKETS, scheduling: 'lifo', noDelay: true } as const;
    this.#agent = secure ? new HttpsAgent(pool) : new HttpAgent(pool);
    this.#request = secure ? httpsRequest : httpRequest;
    // Addresses of version 6 stand in brackets in a URL, and nowhere else.
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    this.#target = { host, port: port === '' ? (secure ? 443 : 80) : Number(port), agent: this.#agent };
    this.#authorization = `Bearer ${settings.key}`;
  }

  /** One try. Rejects with NETWORK_FAILED when no answer came in time or whole, or with the signal's reason. */
  send(call: Call): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const { requestTimeoutMs } = this.settings;
    const failed = (error: unknown): void => {
      clearTimeout(timer);
      reject(call.signal?.aborted === true ? reasonOf(call.signal) : networkFailure(this.url, error));
    };
    const sent = this.#open(call, 'application/json', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > MAX_ANSWER) response.destroy(new Error('the answer is too long'));
      });
      response.on('error', failed);
      response.on('end', () => {
        clearTimeout(timer);
        const { statusCode = 0, headers } = response;
        resolve({ status: statusCode, text, retryAfter: headers['retry-after'], replayed: headers['idempotency-replayed'] === 'true' });
      });
    });
    const timer = setTimeout(() => {
      sent.destroy(new NetworkError(`${this.url} did not answer within ${requestTimeoutMs} ms`));
    }, requestTimeoutMs);
    sent.on('error', failed);
    if (call.body === undefined) sent.end();
    else sent.end(call.body, isAscii(call.body) ? 'latin1' : 'utf8');
    return promise;
  }

  /** The JSON of an answer; requests that may be are tried again. Rejects with the error that the server told of. */
  async json<T>(call: Call, repeatable = call.method === 'GET'): Promise<T> {
    const { clock, random, baseMs, deadlineMs, trace } = this.settings;
    const { traceparent, tracestate } = trace() ?? {};
    const place = traceparent === undefined ? {} : { traceparent, ...(tracestate === undefined ? {} : { tracestate }) };
    const traced = { ...call, headers: { ...place, ...call.headers } };
    return retry(
      async () => {
        const { status, text, retryAfter } = await this.send(traced);
        if (status < 200 || status > 299) throw errorOf(status, text, retryAfter, clock.now());
        return readJson(text, this.url) as T;
      },
      {
        name: `${call.method} ${call.path}`,
        maxAttempts: 5,
        totalTimeoutMs: deadlineMs,
        baseMs,
        maxMs: 5_000,
        signal: call.signal,
        shouldRetry: (error) => mayRepeat(error, repeatable),
        clock,
        random,
      },
    );
  }

  /** Opens a stream of events; the caller reads it or destroys it. `silenceMs` without a byte breaks it. */
  stream(path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const { silenceMs, clock } = this.settings;
    const sent = this.#open({ method: 'GET', path, headers, signal }, 'text/event-stream', (response) => {
      if (response.statusCode === 200 || response.statusCode === 204) resolve(response);
      else
        void drained(response).then(
          (text) => reject(errorOf(response.statusCode ?? 0, text, response.headers['retry-after'], clock.now())),
          reject,
        );
    });
    sent.setTimeout(silenceMs, () => {
      sent.destroy(new NetworkError(`${this.url} was silent for ${silenceMs} ms`));
    });
    sent.on('error', (error) => {
      reject(signal.aborted ? reasonOf(signal) : networkFailure(this.url, error));
    });
    sent.end();
    return promise;
  }

  close(): void {
    this.#agent.destroy();
  }

  #open({ method, path, body, headers, signal }: Call, accept: string, onResponse: (response: IncomingMessage) => void): ClientRequest {
    return this.#request(
      {
        ...this.#target,
        method,
        path: this.#prefix + path,
        ...(signal === undefined ? {} : { signal }),
        headers: {
          authorization: this.#authorization,
          accept,
          'user-agent': 'mainstay-client',
          ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
          ...headers,
        },
      },
      onResponse,
    );
  }
}

/** ASCII is the same in latin1, which is cheaper to write. */
function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}

/** What an answer of 2xx carries; rejects with NETWORK_FAILED when it is not JSON: then it is no Mainstay that answers. */
export function readJson(text: string, url: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new NetworkError(`${url} does not answer like a Mainstay`, { cause: error, disposition: 'terminal' });
  }
}

/** The reason of an aborted signal, as an error. */
export function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('aborted', { cause: signal.reason });
}

function mayRepeat(error: unknown, repeatable: boolean): boolean {
  const failure =
    error instanceof Error && 'disposition' in error && 'code' in error ? (error as Parameters<typeof wasNotTaken>[0]) : undefined;
  return failure?.disposition === 'retryable' && (repeatable || wasNotTaken(failure));
}

async function drained(response: IncomingMessage): Promise<string> {
  let text = '';
  response.setEncoding('utf8');
  for await (const chunk of response as AsyncIterable<string>) if (text.length < MAX_ANSWER) text += chunk;
  return text;
}
