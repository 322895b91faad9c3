import { NetworkError, parseRetryAfter, wasNeverConnected } from '@mainstay/types';
import { type Clock, retry, systemClock } from '@mainstay/utils';
import type { z } from 'zod';
import { problemSchema } from './problem.ts';
import { boundedText } from './bounded-text.ts';
import { networkError } from './network-error.ts';
import { RemoteError } from './remote-error.ts';

export interface HttpClientOptions {
  /** Address of an orchestrator. */
  readonly url: string;
  /** Absent: requests carry none. */
  readonly key?: string;
  /** Limit of one try in milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
  /** Tries of a request that may be repeated. Default 5. */
  readonly maxAttempts?: number;
  /** Wait after the first failed try, in milliseconds. Default 300; grows to 5,000. */
  readonly baseMs?: number;
  readonly clock?: Clock;
  readonly random?: () => number;
}

export interface RequestOptions {
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether repeating it does no harm. Default: of GET and PUT. Others are repeated only if they were never taken. */
  readonly repeatable?: boolean;
  /** Limit of one try in milliseconds. Default: that of the client. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

type Method = 'GET' | 'PUT' | 'POST';

/** JSON over HTTP with time limits, retries and problem details. */
export class HttpClient {
  readonly url: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly #options: HttpClientOptions;

  constructor(options: HttpClientOptions) {
    this.url = options.url.replace(/\/+$/, '');
    this.clock = options.clock ?? systemClock;
    this.random = options.random ?? Math.random;
    this.#options = options;
  }

  /** The answer, checked; rejects with RemoteError, or with NETWORK_FAILED if the server cannot be reached or talks nonsense. */
  async json<S extends z.ZodType>(method: Method, path: string, schema: S, options: RequestOptions = {}): Promise<z.output<S>> {
    const repeatable = options.repeatable ?? method !== 'POST';
    const text = await retry(({ signal }) => this.#once(method, path, options, signal), {
      name: `${method} ${path}`,
      maxAttempts: this.#options.maxAttempts ?? 5,
      attemptTimeoutMs: options.timeoutMs ?? this.#options.timeoutMs ?? 30_000,
      baseMs: this.#options.baseMs ?? 300,
      maxMs: 5_000,
      signal: options.signal,
      shouldRetry: (error) => (repeatable ? mayPass(error) : wasNotTaken(error)),
      clock: this.clock,
      random: this.random,
    });
    return this.#parse(text, schema);
  }

  /** Opens a stream of events. The caller reads or cancels the body. */
  async stream(path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Response> {
    const response = await this.#fetch(path, { headers: { ...this.#headers(), Accept: 'text/event-stream', ...headers }, signal });
    if (response.status === 204) return response;
    const type = response.headers.get('content-type') ?? '';
    if (response.ok && type.startsWith('text/event-stream')) return response;
    if (response.ok) {
      await response.body?.cancel();
      throw this.#nonsense(`it sent ${type === '' ? 'no content type' : type} where a stream of events was asked for`);
    }
    throw await this.#failure(response);
  }

  async #once(method: Method, path: string, options: RequestOptions, signal: AbortSignal): Promise<string> {
    const { body, query = {} } = options;
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
    const response = await this.#fetch(search.size === 0 ? path : `${path}?${search.toString()}`, {
      method,
      headers: {
        ...this.#headers(),
        Accept: 'application/json',
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...options.headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal,
    });
    if (!response.ok) throw await this.#failure(response);
    try {
      return await boundedText(response);
    } catch (error) {
      signal.throwIfAborted();
      throw networkError(this.url, error);
    }
  }

  #headers(): Record<string, string> {
    const { key } = this.#options;
    return { ...(key === undefined ? {} : { Authorization: `Bearer ${key}` }), 'User-Agent': 'mainstay-cli' };
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(`${this.url}${path}`, { ...init, redirect: 'manual' });
    } catch (error) {
      init.signal?.throwIfAborted();
      throw networkError(this.url, error);
    }
  }

  async #failure(response: Response): Promise<Error> {
    const text = await boundedText(response).catch(() => '');
    const problem = problemSchema.safeParse(parseJson(text));
    if (problem.success)
      return new RemoteError(problem.data, { retryAfterMs: parseRetryAfter(response.headers.get('retry-after'), this.clock.now()) });
    if (response.status < 500) return this.#nonsense(`it sent status ${response.status} without problem details`);
    return new NetworkError(`${this.url} answered with status ${response.status}`);
  }

  #parse<S extends z.ZodType>(text: string, schema: S): z.output<S> {
    const value = parseJson(text);
    if (value === undefined) throw this.#nonsense('it sent something that is not JSON');
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw this.#nonsense(`at /${(issue?.path ?? []).join('/')} of its answer: ${issue?.message ?? 'invalid'}`);
  }

  #nonsense(what: string): NetworkError {
    const message = `${this.url} does not answer like a Mainstay orchestrator: ${what}`;
    return new NetworkError(message, { disposition: 'terminal', details: { hint: 'Check --url or MAINSTAY_URL.' } });
  }
}

function mayPass(error: unknown): boolean {
  return (error instanceof RemoteError || error instanceof NetworkError || isTimeout(error)) && error.disposition === 'retryable';
}

/** The server refused the connection, or the request before it did anything. */
function wasNotTaken(error: unknown): boolean {
  if (error instanceof RemoteError) return error.problem.status === 429;
  return error instanceof NetworkError && wasNeverConnected(error.details['reason']);
}

function isTimeout(error: unknown): error is NetworkError {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'OPERATION_TIMEOUT';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
