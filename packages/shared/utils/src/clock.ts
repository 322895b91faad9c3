import { sleepOn } from './sleep-on.ts';

/** A running timer. Disposing it cancels it; `unref` lets the process end while it runs, `ref` takes that back. */
export interface TimerHandle extends Disposable {
  unref(): unknown;
  /** Absent: what was let go cannot be taken back. */
  ref?(): unknown;
}

/** Time as a parameter: production code takes {@link systemClock}, tests a `FakeClock`, a simulation its own. */
export interface Clock {
  /** Milliseconds since 1970. May jump when the machine's clock is set. */
  now(): number;
  /** Milliseconds since some fixed moment; never goes back. For durations. */
  monotonic(): number;
  /** Calls `fn` once after `ms` milliseconds, however long that is. */
  setTimeout(fn: () => void, ms: number): TimerHandle;
  clearTimeout(handle: TimerHandle | undefined): void;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason as soon as the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Node fires timers beyond this many milliseconds at once, so longer ones are cut into pieces. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's clock and timers. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (fn, ms) => new SystemTimer(fn, ms),
  clearTimeout: (handle) => handle?.[Symbol.dispose](),
  sleep: (ms, signal) => sleepOn(systemClock, ms, signal),
};

class SystemTimer implements TimerHandle {
  #timer: NodeJS.Timeout;
  #unref = false;

  constructor(fn: () => void, ms: number) {
    this.#timer = this.#arm(fn, ms);
  }

  #arm(fn: () => void, leftMs: number): NodeJS.Timeout {
    if (leftMs <= LONGEST_TIMER_MS) return setTimeout(fn, Math.max(0, leftMs));
    return setTimeout(() => {
      this.#timer = this.#arm(fn, leftMs - LONGEST_TIMER_MS);
      if (this.#unref) this.#timer.unref();
    }, LONGEST_TIMER_MS);
  }

  unref(): void {
    this.#unref = true;
    this.#timer.unref();
  }

  ref(): void {
    this.#unref = false;
    this.#timer.ref();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
