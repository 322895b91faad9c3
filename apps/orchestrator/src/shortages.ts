import { type ErrorCode, MainstayError } from '@mainstay/types';
import type { Clock } from '@mainstay/utils';
import type { Store } from './store/store.ts';

/** Codes that say that something ran out, though everything can be reached. */
const SHORTAGES: ReadonlySet<ErrorCode> = new Set(['DISK_FULL', 'POSTGRES_EXHAUSTED', 'REDIS_FULL', 'OUT_OF_FILE_HANDLES']);
/** So long after it was last met is a shortage told of. Whether it is over, only the next try can tell. */
const HOLD_MS = 5_000;

/**
 * What ran out of late, for the readiness: a server whose disk or memory is full answers a ping as ever, and takes no work. Each
 * code is remembered for 5 s after it was met.
 */
export class Shortages {
  readonly #clock: Clock;
  readonly #met = new Map<ErrorCode, { readonly error: MainstayError; readonly at: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes note of an error if it says that something ran out. */
  note(error: unknown): void {
    if (error instanceof MainstayError && SHORTAGES.has(error.code)) this.#met.set(error.code, { error, at: this.#clock.monotonic() });
  }

  /** The shortage that was met last. */
  get current(): MainstayError | undefined {
    const since = this.#clock.monotonic() - HOLD_MS;
    let last: { readonly error: MainstayError; readonly at: number } | undefined;
    for (const one of this.#met.values()) if (one.at > since && one.at >= (last?.at ?? -Infinity)) last = one;
    return last?.error;
  }

  /** Rejects with the shortage, as a health check does. */
  check(): Promise<void> {
    const { current } = this;
    return current === undefined ? Promise.resolve() : Promise.reject(current);
  }

  /** The store; what its writes of runs meet is noted. */
  watch(store: Store): Store {
    const noted = <T>(call: Promise<T>): Promise<T> => {
      call.catch((error: unknown) => {
        this.note(error);
      });
      return call;
    };
    return {
      ...store,
      create: (runs, mark) => noted(store.create(runs, mark)),
      commit: (changes, mark) => noted(store.commit(changes, mark)),
    };
  }
}
