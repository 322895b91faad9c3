import type { Logger } from '@mainstay/observability';
import { DependencyError, type ErrorCode, MainstayError } from '@mainstay/types';
import { AbortScope, type Clock, raceAbort, type TimerHandle } from '@mainstay/utils';
import type { Store } from '../store/store.ts';

export interface StoreReachDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A store that answers nothing for so long, though something is asked, cannot be reached. */
  readonly muteMs: number;
  /** Told when that begins, and when it is over. */
  readonly onChange: () => void;
}

interface Call {
  readonly begunAt: number;
}

/** What a call rejects with that had no answer of the server. All else that it says is one. */
const NO_ANSWER: ReadonlySet<ErrorCode> = new Set(['POSTGRES_UNAVAILABLE', 'OUT_OF_FILE_HANDLES']);
/** When to come back: another replica may be able to. */
const RETRY_MS = 1_000;
/** So many looks until the store counts as mute. */
const LOOKS = 6;

/**
 * Whether the store can be reached from here, learnt from what it is asked anyhow. A connection that is half-open says nothing, and a
 * server that is busy says little: so when a call waits, a ping is sent beside it, and only where nothing at all is answered
 * the store is `mute`. It is no more as soon as anything is answered. Costs no timer while nothing is asked.
 */
export class StoreReach {
  /** The store, watched: what writes and sweeps ask of it. */
  readonly store: Store;
  readonly #deps: StoreReachDeps;
  /** In the order in which they began. */
  readonly #open = new Set<Call>();
  /** When the first of the calls began that failed without an answer since the last answer. */
  #failedFrom: number | undefined;
  #answeredAt = -Infinity;
  /** Since the last answer a connection could not be opened for want of file handles. */
  #handlesOut = false;
  #mute = false;
  #probe: AbortScope | undefined;
  #timer: TimerHandle | undefined;
  #lookAt = 0;
  #stopped = false;

  constructor(deps: StoreReachDeps) {
    this.#deps = deps;
    this.store = this.#watch(deps.store);
  }

  /** The store cannot be reached from here. */
  get mute(): boolean {
    return this.#mute;
  }

  /** It is mute, and this process is well itself: clients find another replica. Without file handles nobody who left could come back. */
  get cutOff(): boolean {
    return this.#mute && !this.#handlesOut;
  }

  /** Something waits for its answer longer than usual: not the moment to take on the work of others. */
  get doubtful(): boolean {
    return this.#mute || this.#silentMs() >= this.#deps.muteMs / 3;
  }

  /** What a submission is refused with while the store is mute. */
  refusal(): DependencyError | undefined {
    if (!this.#mute) return undefined;
    if (this.#handlesOut)
      return new DependencyError('OUT_OF_FILE_HANDLES', 'No connection to Postgres can be opened; retry with another replica', {
        ...{ retryAfterMs: RETRY_MS, details: { resource: 'file-handles' } },
      });
    return new DependencyError('POSTGRES_UNAVAILABLE', 'Postgres does not answer this replica; retry with another', {
      retryAfterMs: RETRY_MS,
    });
  }

  /** No timer is left, and none is set any more. */
  stop(): void {
    this.#stopped = true;
    this.#deps.clock.clearTimeout(this.#timer);
    this.#probe?.[Symbol.dispose]();
    this.#probe?.abort(noAnswer());
  }

  #watch(store: Store): Store {
    return {
      ...store,
      create: (runs, mark) => this.#ask(() => store.create(runs, mark)),
      commit: (changes, mark) => this.#ask(() => store.commit(changes, mark)),
      load: (runs) => this.#ask(() => store.load(runs)),
      due: (limit) => this.#ask(() => store.due(limit)),
      admit: (limit) => this.#ask(() => store.admit(limit)),
      checkIn: (mark) => this.#ask(() => store.checkIn(mark)),
    };
  }

  #ask<T>(work: () => Promise<T>): Promise<T> {
    const call: Call = { begunAt: this.#deps.clock.monotonic() };
    this.#open.add(call);
    this.#arm();
    const asked = work();
    asked.then(
      () => {
        this.#answered(call);
      },
      (error: unknown) => {
        if (error instanceof MainstayError && NO_ANSWER.has(error.code)) this.#failed(call, error.code);
        else this.#answered(call);
      },
    );
    return asked;
  }

  #answered(call: Call): void {
    this.#open.delete(call);
    this.#failedFrom = undefined;
    this.#handlesOut = false;
    this.#answeredAt = this.#deps.clock.monotonic();
    if (this.#mute) this.#turn(false);
  }

  #failed(call: Call, code: ErrorCode): void {
    this.#handlesOut ||= code === 'OUT_OF_FILE_HANDLES';
    this.#open.delete(call);
    this.#failedFrom ??= call.begunAt;
  }

  /** For how long nothing was answered though something was asked; 0 while nothing is. */
  #silentMs(): number {
    const [oldest] = this.#open;
    const from = Math.min(oldest?.begunAt ?? Infinity, this.#failedFrom ?? Infinity);
    return from === Infinity ? 0 : this.#deps.clock.monotonic() - Math.max(from, this.#answeredAt);
  }

  #arm(): void {
    if (this.#timer !== undefined || this.#stopped) return;
    const { clock, muteMs } = this.#deps;
    const ms = muteMs / LOOKS;
    this.#lookAt = clock.monotonic() + ms;
    this.#timer = clock.setTimeout(() => {
      this.#timer = undefined;
      this.#look();
    }, ms);
  }

  #look(): void {
    const { clock, muteMs } = this.#deps;
    if (this.#open.size === 0 && this.#failedFrom === undefined) return;
    // When this process itself stood still, answers lie unread: they get their time.
    if (clock.monotonic() - this.#lookAt > muteMs / 3) this.#answeredAt = clock.monotonic();
    const silentMs = this.#silentMs();
    if (!this.#mute && silentMs >= muteMs) this.#turn(true);
    if (this.doubtful) this.#ping();
    this.#arm();
  }

  /** One at a time; one without an answer is given up, so that the next may find another connection. */
  #ping(): void {
    if (this.#probe !== undefined) return;
    const { clock, store, muteMs } = this.#deps;
    const probe = (this.#probe = new AbortScope());
    const { signal } = probe;
    probe.abortAfter(clock, muteMs, noAnswer);
    this.#ask(() => raceAbort(() => store.ping(signal), signal))
      .catch(() => undefined)
      .finally(() => {
        probe[Symbol.dispose]();
        this.#probe = undefined;
      });
  }

  #turn(mute: boolean): void {
    if (this.#stopped) return;
    this.#mute = mute;
    const { logger, onChange } = this.#deps;
    if (mute) logger.warn('the store answers nothing; this orchestrator leaves its work to those that reach it');
    else logger.info('the store answers again; this orchestrator takes part');
    onChange();
  }
}

const noAnswer = (): DependencyError => new DependencyError('POSTGRES_UNAVAILABLE', 'Postgres did not answer a ping');
