import type { Clock, TimerHandle } from '../clock.ts';
import { sleepOn } from '../sleep-on.ts';

interface FakeTimer extends TimerHandle {
  readonly dueAt: number;
  readonly fn: () => void;
}

/** A clock that stands still until it is told to advance. */
export class FakeClock implements Clock {
  #now: number;
  readonly #start: number;
  readonly #timers = new Set<FakeTimer>();

  /** @param startMs milliseconds since 1970; default 2026-01-01T00:00:00Z. */
  constructor(startMs = 1_767_225_600_000) {
    this.#now = startMs;
    this.#start = startMs;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now - this.#start;
  }

  setTimeout(fn: () => void, ms: number): TimerHandle {
    const timer: FakeTimer = {
      dueAt: this.#now + Math.max(0, ms),
      fn,
      unref: () => timer,
      [Symbol.dispose]: () => this.#timers.delete(timer),
    };
    this.#timers.add(timer);
    return timer;
  }

  clearTimeout(handle: TimerHandle | undefined): void {
    handle?.[Symbol.dispose]();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, ms, signal);
  }

  /** Timers that have not fired and were not cancelled. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  /**
   * Moves the time on by `ms` milliseconds and fires what falls due, in order of time. Before, between and after the
   * timers, all promise reactions run, so timers that those set are honoured.
   */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settle();
    for (let timer = this.#next(until); timer !== undefined; timer = this.#next(until)) {
      this.#timers.delete(timer);
      this.#now = Math.max(this.#now, timer.dueAt);
      timer.fn();
      await settle();
    }
    this.#now = until;
  }

  #next(until: number): FakeTimer | undefined {
    let next: FakeTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueAt <= until && (next === undefined || timer.dueAt < next.dueAt)) next = timer;
    }
    return next;
  }
}

/** Lets every promise reaction that is due run. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
