import { randomBytes } from 'node:crypto';
import { parseRetryAfter } from '@mainstay/types';
import { type Clock, checkNumber, systemClock, type TimerHandle, withTimeout } from '@mainstay/utils';
import type { ErrorOccurrence } from './error-tracker.ts';
import { parseDsn } from './sentry-dsn.ts';
import { type SentryFacts, sentryEnvelope } from './sentry-envelope.ts';

export interface SentryExporterOptions extends SentryFacts {
  readonly dsn: string;
  /** Events that wait; when there are more, the oldest is dropped. Default 100. */
  readonly maxQueue?: number;
  /** Of one request. Default 10,000. */
  readonly timeoutMs?: number;
  /** Tries of one event that the network or the server failed. Default 4. */
  readonly maxAttempts?: number;
  /** Share of events that are sent, 0 to 1. Default 1. */
  readonly sampleRate?: number;
  readonly clock?: Clock;
  readonly random?: () => number;
}

export interface SentryExporter {
  /** Takes an event in; never waits and never throws. */
  send(occurrence: ErrorOccurrence): void;
  readonly stats: Readonly<{ sent: number; dropped: number; waiting: number }>;
  /** Sends what waits, for at most so long (default 2,000 ms), and ends. */
  close(timeoutMs?: number): Promise<void>;
}

interface Waiting {
  readonly eventId: string;
  readonly occurrence: ErrorOccurrence;
  attempts: number;
}

/** Waits where the service asks for silence without saying for how long. */
const DEFAULT_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 3_600_000;
const BACKOFF_MS = 1_000;

/**
 * Sends errors to any service that takes Sentry's envelopes, one after the other. While the service asks for silence (429,
 * `Retry-After`, `X-Sentry-Rate-Limits`) or cannot be reached, events wait in a bounded queue.
 * @throws ConfigurationError `CONFIG_INVALID` for a DSN or an option that cannot be.
 */
export function createSentryExporter(options: SentryExporterOptions): SentryExporter {
  return new Exporter(options);
}

class Exporter implements SentryExporter {
  readonly #options: SentryExporterOptions;
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #clock: Clock;
  readonly #maxQueue: number;
  readonly #queue: Waiting[] = [];
  #sent = 0;
  #dropped = 0;
  #sending: Promise<void> | undefined;
  #pausedUntilMs = Number.NEGATIVE_INFINITY;
  #timer: TimerHandle | undefined;
  #closed = false;

  constructor(options: SentryExporterOptions) {
    const { url, publicKey } = parseDsn(options.dsn);
    this.#options = options;
    this.#url = url;
    this.#clock = options.clock ?? systemClock;
    this.#maxQueue = checkNumber('sentry exporter', 'maxQueue', options.maxQueue ?? 100, { min: 1, integer: true });
    checkNumber('sentry exporter', 'sampleRate', options.sampleRate ?? 1, { min: 0, max: 1 });
    this.#headers = {
      'Content-Type': 'application/x-sentry-envelope',
      'X-Sentry-Auth': `Sentry sentry_version=7, sentry_client=mainstay/1, sentry_key=${publicKey}`,
    };
  }

  get stats() {
    return { sent: this.#sent, dropped: this.#dropped, waiting: this.#queue.length };
  }

  send(occurrence: ErrorOccurrence): void {
    const { random = Math.random, sampleRate = 1 } = this.#options;
    if (this.#closed || (sampleRate < 1 && random() >= sampleRate)) return;
    this.#queue.push({ eventId: randomBytes(16).toString('hex'), occurrence, attempts: 0 });
    if (this.#queue.length > this.#maxQueue) this.#drop();
    this.#start();
  }

  async close(timeoutMs = 2_000): Promise<void> {
    this.#closed = true;
    const paused = this.#pausedUntilMs > this.#clock.monotonic();
    this.#clock.clearTimeout(this.#timer);
    if (!paused && this.#sending !== undefined) {
      const sending = this.#sending;
      await withTimeout(() => sending, timeoutMs, { name: 'sending errors', clock: this.#clock }).catch(() => undefined);
    }
    this.#dropped += this.#queue.length;
    this.#queue.length = 0;
  }

  #drop(): void {
    this.#queue.shift();
    this.#dropped += 1;
  }

  #start(): void {
    if (this.#sending !== undefined || this.#timer !== undefined) return;
    const pauseMs = this.#pausedUntilMs - this.#clock.monotonic();
    if (pauseMs > 0) this.#later(pauseMs);
    else
      this.#sending = this.#sendAll().finally(() => {
        this.#sending = undefined;
        if (this.#queue.length > 0 && !this.#closed) this.#start();
      });
  }

  #later(ms: number): void {
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined;
      if (!this.#closed) this.#start();
    }, ms);
    this.#timer.unref();
  }

  async #sendAll(): Promise<void> {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      const pauseMs = await this.#sendOne(next);
      if (pauseMs === undefined) continue;
      this.#pausedUntilMs = this.#clock.monotonic() + Math.min(LONGEST_PAUSE_MS, pauseMs);
      if (!this.#closed) return;
    }
  }

  /** Milliseconds of silence that have to follow, if any. */
  async #sendOne(event: Waiting): Promise<number | undefined> {
    event.attempts += 1;
    try {
      const response = await this.#post(event);
      if (response.status < 500) return this.#answered(response, event);
      return this.#again(event);
    } catch {
      return this.#again(event);
    }
  }

  async #post({ eventId, occurrence }: Waiting): Promise<Response> {
    const { timeoutMs = 10_000 } = this.#options;
    const body = sentryEnvelope(occurrence, eventId, this.#options, this.#clock.now());
    const request = { method: 'POST', headers: this.#headers, body, redirect: 'error' } as const;
    return await withTimeout(
      async (signal) => {
        const response = await fetch(this.#url, { ...request, signal });
        // a body that nobody reads holds its connection
        await response.body?.cancel();
        return response;
      },
      timeoutMs,
      { name: 'sending an error', clock: this.#clock },
    );
  }

  #answered(response: Response, event: Waiting): number | undefined {
    if (response.status === 429) {
      this.#putBack(event);
      return limitOf(response, this.#clock.now()) ?? DEFAULT_PAUSE_MS;
    }
    if (response.ok) this.#sent += 1;
    else this.#dropped += 1;
    return limitOf(response, this.#clock.now());
  }

  /** Puts the event back in front, unless it was tried often enough; the pause doubles. */
  #again(event: Waiting): number {
    if (event.attempts >= (this.#options.maxAttempts ?? 4)) this.#dropped += 1;
    else this.#putBack(event);
    return BACKOFF_MS * 2 ** (event.attempts - 1);
  }

  #putBack(event: Waiting): void {
    if (this.#closed || this.#queue.length >= this.#maxQueue) this.#dropped += 1;
    else this.#queue.unshift(event);
  }
}

/** Milliseconds for which errors are not wanted. `X-Sentry-Rate-Limits: 60:error;default:key, …`; no category means all. */
function limitOf(response: Response, nowMs: number): number | undefined {
  const limits = (response.headers.get('x-sentry-rate-limits') ?? '').split(',').flatMap((limit) => {
    const [seconds = '', categories = ''] = limit.trim().split(':');
    const meant = categories === '' || categories.split(';').includes('error');
    return /^\d+(?:\.\d+)?$/.test(seconds) && meant ? [Number(seconds) * 1_000] : [];
  });
  if (limits.length > 0) return Math.max(...limits);
  return response.status === 429 ? parseRetryAfter(response.headers.get('retry-after'), nowMs, LONGEST_PAUSE_MS) : undefined;
}
