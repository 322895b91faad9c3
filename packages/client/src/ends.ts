import { CancelledError, type MainstayError, NotFoundError, toMainstayError } from '@mainstay/types';
import type { TimerHandle } from '@mainstay/utils';
import { EndsStream } from './ends-stream.ts';
import { type Http, reasonOf } from './http.ts';
import type { RunEnd } from './model.ts';
import { Recent } from './recent.ts';

/** Runs in one look-up: their ids stand in the address. */
const LOOK_UP_MAX = 100;
const PATH = '/api/v1/runs/ends';

interface Waiter {
  readonly since: number;
  readonly resolve: (end: RunEnd) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Knows which runs have ended, by one stream for all of them. A run whose end may have passed before the stream began is
 * looked up, and so is, now and then, one that has been awaited for long.
 */
export class Ends {
  readonly #http: Http;
  readonly #stream: EndsStream;
  /** Ends, and runs that were submitted while the stream ran: theirs is still to come. The oldest are forgotten. */
  readonly #known: Recent<string, RunEnd | 'to come'>;
  readonly #waiting = new Map<string, Set<Waiter>>();
  readonly #unsure = new Set<string>();
  #lookingUp = false;
  #recheck: TimerHandle | undefined;
  #closed = false;

  constructor(http: Http) {
    this.#http = http;
    this.#known = new Recent(http.settings.maxRemembered);
    this.#stream = new EndsStream(http, {
      onEnd: (end) => {
        this.#ended(end);
      },
      onStart: () => {
        void this.#lookUp();
      },
      onRefused: (error) => {
        this.#refuseAll(error);
      },
    });
  }

  /** From now on ends are told. Resolves when the stream runs, or has been refused. */
  start(): void {
    this.#stream.start();
  }

  /** Every end from now on will be told. */
  get running(): boolean {
    return this.#stream.running;
  }

  /** A run that was submitted while the stream ran. */
  willEnd(run: string): void {
    if (this.#known.get(run) === undefined) this.#known.set(run, 'to come');
  }

  /** Rejects with RUN_NOT_FOUND, the signal's reason, CANCELLED when the client is closed, or what refuses the stream. */
  of(run: string, signal?: AbortSignal): Promise<RunEnd> {
    const known = this.#known.get(run);
    if (typeof known === 'object') return Promise.resolve(known);
    if (this.#closed) return Promise.reject(closed());
    if (signal?.aborted === true) return Promise.reject(reasonOf(signal));
    const promise = this.#wait(run, signal);
    this.start();
    if (known === undefined) {
      this.#unsure.add(run);
      if (this.running) void this.#lookUp();
    }
    return promise;
  }

  close(): void {
    this.#closed = true;
    this.#stream.close();
    this.#recheck?.[Symbol.dispose]();
    this.#refuseAll(closed());
  }

  #wait(run: string, signal: AbortSignal | undefined): Promise<RunEnd> {
    const { promise, resolve, reject } = Promise.withResolvers<RunEnd>();
    const waiter: Waiter = { since: this.#http.settings.clock.monotonic(), resolve, reject };
    const present = this.#waiting.get(run);
    if (present === undefined) this.#waiting.set(run, new Set([waiter]));
    else present.add(waiter);
    this.#armRecheck();
    return signal === undefined ? promise : this.#orAborted(run, waiter, promise, signal);
  }

  async #orAborted(run: string, waiter: Waiter, promise: Promise<RunEnd>, signal: AbortSignal): Promise<RunEnd> {
    const onAbort = (): void => {
      this.#waiting.get(run)?.delete(waiter);
      if (this.#waiting.get(run)?.size === 0) this.#waiting.delete(run);
      waiter.reject(reasonOf(signal));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  #ended(end: RunEnd): void {
    this.#known.set(end.id, end);
    const waiters = this.#waiting.get(end.id);
    if (waiters === undefined) return;
    this.#waiting.delete(end.id);
    this.#unsure.delete(end.id);
    for (const { resolve } of waiters) resolve(end);
  }

  #refuse(run: string, error: Error): void {
    for (const { reject } of this.#waiting.get(run) ?? []) reject(error);
    this.#waiting.delete(run);
    this.#unsure.delete(run);
  }

  #refuseAll(error: Error): void {
    for (const run of [...this.#waiting.keys()]) this.#refuse(run, error);
    this.#known.clear();
  }

  /** Asks for those runs whose end may have been told to nobody here. */
  async #lookUp(): Promise<void> {
    if (this.#lookingUp) return;
    this.#lookingUp = true;
    await new Promise(setImmediate);
    try {
      while (this.#unsure.size > 0 && !this.#closed) await this.#lookUpSome([...this.#unsure].slice(0, LOOK_UP_MAX));
    } finally {
      this.#lookingUp = false;
    }
  }

  async #lookUpSome(runs: readonly string[]): Promise<void> {
    for (const run of runs) this.#unsure.delete(run);
    try {
      const path = `${PATH}?runs=${runs.map(encodeURIComponent).join(',')}`;
      const { items, unknown = [] } = await this.#http.json<{ items: readonly RunEnd[]; unknown?: readonly string[] }>({
        method: 'GET',
        path,
      });
      for (const end of items) this.#ended(end);
      for (const run of unknown) this.#refuse(run, new NotFoundError('RUN_NOT_FOUND', `There is no run ${run}`, { details: { run } }));
    } catch (error) {
      this.#notLookedUp(runs, toMainstayError(error));
    }
  }

  /** What may pass is tried again at the next recheck. */
  #notLookedUp(runs: readonly string[], error: MainstayError): void {
    if (error.disposition !== 'retryable') for (const run of runs) this.#refuse(run, error);
  }

  /** Looks, while somebody waits, for runs that have been awaited for long: a last resort against news that were lost. */
  #armRecheck(): void {
    const { clock, recheckMs } = this.#http.settings;
    if (this.#recheck !== undefined) return;
    this.#recheck = clock.setTimeout(() => {
      this.#recheck = undefined;
      if (this.#waiting.size === 0) return;
      this.#armRecheck();
      const before = clock.monotonic() - recheckMs / 2;
      for (const [run, [first]] of this.#waiting) if (first !== undefined && first.since < before) this.#unsure.add(run);
      if (this.running) void this.#lookUp();
    }, recheckMs);
    this.#recheck.unref();
  }
}

function closed(): CancelledError {
  return new CancelledError('CANCELLED', 'The client has been closed');
}
