import type { Clock, TimerHandle } from './clock.ts';

/** Something with a time limit; it can stand in one {@link DueList} at a time. */
export abstract class DueEntry {
  /** Moment of the list's monotonic clock. */
  dueAt = 0;
  next: DueEntry | undefined = undefined;
  before: DueEntry | undefined = undefined;
  list: DueList | undefined = undefined;

  /** Called once, when the time is over; the entry has left the list. */
  abstract expire(): void;
}

/**
 * Limits of one and the same length for any number of calls, with at most one timer. Most calls end long before their limit, so
 * coming and going only links and unlinks: the entries stand in the order in which they fall due by themselves. The timer outlives
 * the last entry, up to its due moment, but does not keep the process alive.
 */
export class DueList {
  readonly ms: number;
  readonly #clock: Clock;
  #head: DueEntry | undefined;
  #tail: DueEntry | undefined;
  #timer: TimerHandle | undefined;

  constructor(clock: Clock, ms: number) {
    this.#clock = clock;
    this.ms = ms;
  }

  enter(entry: DueEntry): void {
    entry.list = this;
    entry.dueAt = this.#clock.monotonic() + this.ms;
    const last = this.#tail;
    entry.before = last;
    this.#tail = entry;
    if (last === undefined) {
      this.#head = entry;
      this.#wake();
    } else last.next = entry;
  }

  /** Does nothing if the entry does not stand in this list. */
  leave(entry: DueEntry): void {
    if (entry.list !== this) return;
    const { before, next } = entry;
    entry.list = entry.before = entry.next = undefined;
    if (before === undefined) this.#head = next;
    else before.next = next;
    if (next === undefined) this.#tail = before;
    else next.before = before;
    if (this.#head === undefined) this.#rest();
  }

  #wake(): void {
    if (this.#timer === undefined) this.#arm(this.ms);
    else this.#timer.ref?.();
  }

  #rest(): void {
    const timer = this.#timer;
    if (timer === undefined) return;
    if (timer.ref !== undefined) {
      timer.unref();
      return;
    }
    this.#clock.clearTimeout(timer);
    this.#timer = undefined;
  }

  #arm(ms: number): void {
    this.#timer = this.#clock.setTimeout(() => {
      this.#fire();
    }, ms);
  }

  #fire(): void {
    this.#timer = undefined;
    const now = this.#clock.monotonic();
    for (let entry = this.#head; entry !== undefined && entry.dueAt <= now; entry = this.#head) {
      this.leave(entry);
      entry.expire();
    }
    this.#rearm(now);
  }

  /** An entry that came while others were told may have armed the timer already. */
  #rearm(now: number): void {
    if (this.#head !== undefined && this.#timer === undefined) this.#arm(Math.max(1, Math.ceil(this.#head.dueAt - now)));
  }
}
