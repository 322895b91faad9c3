import type { Clock, TimerHandle } from '@mainstay/utils';

interface Entry {
  readonly dueAt: number;
  readonly fn: () => void;
}

/**
 * Calls functions at moments of the monotonic clock with a single timer, however many there are: attempts come and go
 * by the thousand, and most of their limits are never reached.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #entries = new Set<Entry>();
  #timer: TimerHandle | undefined;
  #armedAt = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Calls `fn` in `ms` milliseconds unless the returned object is disposed before. */
  in(ms: number, fn: () => void): Disposable {
    const entry: Entry = { dueAt: this.#clock.monotonic() + ms, fn };
    this.#entries.add(entry);
    if (entry.dueAt < this.#armedAt) this.#arm(entry.dueAt);
    return { [Symbol.dispose]: () => this.#entries.delete(entry) };
  }

  close(): void {
    this.#entries.clear();
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#armedAt = Number.POSITIVE_INFINITY;
  }

  #arm(dueAt: number): void {
    this.#clock.clearTimeout(this.#timer);
    this.#armedAt = dueAt;
    const ms = Math.max(0, Math.ceil(dueAt - this.#clock.monotonic()));
    this.#timer = this.#clock.setTimeout(() => {
      this.#fire();
    }, ms);
  }

  #fire(): void {
    this.#timer = undefined;
    this.#armedAt = Number.POSITIVE_INFINITY;
    const now = this.#clock.monotonic();
    for (const entry of [...this.#entries]) {
      if (entry.dueAt > now || !this.#entries.delete(entry)) continue;
      entry.fn();
    }
    let next = Number.POSITIVE_INFINITY;
    for (const { dueAt } of this.#entries) next = Math.min(next, dueAt);
    if (next < this.#armedAt) this.#arm(next);
  }
}
