import { type MainstayError, NetworkError, networkFailure, toMainstayError } from '@mainstay/types';
import { backoffDelayMs } from '@mainstay/utils';
import type { Http } from './http.ts';
import type { RunEnd } from './model.ts';
import { SseParser } from './sse-parser.ts';

export interface EndsListener {
  readonly onEnd: (end: RunEnd) => void;
  /** The stream runs: every end from now on is told. Called once, and again after a refusal. */
  readonly onStart: () => void;
  /** The server will not give the stream; the next start tries again, from then on. */
  readonly onRefused: (error: MainstayError) => void;
}

const PATH = '/api/v1/runs/ends';
const LONGEST_BACKOFF_MS = 5_000;

/** One stream of the ends of all runs, over any number of connections: each begins where the one before broke off. */
export class EndsStream {
  readonly #http: Http;
  readonly #listener: EndsListener;
  readonly #stop = new AbortController();
  #loop: Promise<void> | undefined;
  #position: string | undefined;
  #failures = 0;

  constructor(http: Http, listener: EndsListener) {
    this.#http = http;
    this.#listener = listener;
  }

  /** The position is known: whatever ends from now on is told, over this connection or a later one. */
  get running(): boolean {
    return this.#position !== undefined;
  }

  start(): void {
    this.#loop ??= this.#run().finally(() => {
      this.#loop = undefined;
    });
  }

  close(): void {
    this.#stop.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const { clock, random, baseMs } = this.#http.settings;
    for (;;) {
      const error = await this.#connect().catch((thrown: unknown) => toMainstayError(thrown));
      if (signal.aborted) return;
      if (error.disposition !== 'retryable') {
        this.#position = undefined;
        this.#listener.onRefused(error);
        return;
      }
      this.#failures += 1;
      const policy = { backoff: 'exponential', jitter: 'full', baseMs, maxMs: LONGEST_BACKOFF_MS } as const;
      const waitMs = Math.max(backoffDelayMs(policy, Math.min(this.#failures, 30), random), error.retryAfterMs ?? 0);
      await clock.sleep(waitMs, signal).catch(() => undefined);
      if (this.#stop.signal.aborted) return;
    }
  }

  /** One connection; resolves with why it is over. */
  async #connect(): Promise<MainstayError> {
    const { signal } = this.#stop;
    const response = await this.#http.stream(PATH, this.#position === undefined ? {} : { 'last-event-id': this.#position }, signal);
    const parser = new SseParser(({ event, data }) => {
      if (event.startsWith('run.')) this.#tell(data);
    });
    const { promise, resolve } = Promise.withResolvers<MainstayError>();
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      this.#failures = 0;
      try {
        parser.feed(chunk);
      } catch (error) {
        response.destroy(toMainstayError(error));
      }
      this.#at(parser.lastId);
    });
    response.on('error', (error) => {
      resolve(networkFailure(this.#http.url, error));
    });
    response.on('end', () => {
      resolve(new NetworkError('The stream of ends broke off'));
    });
    response.on('close', () => {
      resolve(new NetworkError('The stream of ends broke off'));
    });
    return promise;
  }

  #at(position: string | undefined): void {
    if (position === undefined || position === this.#position) return;
    const isNew = this.#position === undefined;
    this.#position = position;
    if (isNew) this.#listener.onStart();
  }

  #tell(data: string): void {
    this.#listener.onEnd(JSON.parse(data) as RunEnd);
  }
}
