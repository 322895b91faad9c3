import type { Clock, TimerHandle } from '@mainstay/utils';

/**
 * Calls functions at moments of the monotonic clock with a single timer, however many there are: attempts come and go
 * by the thousand, and most of their limits are never reached. Coming and going costs neither a timer nor a search.
 */
export class Deadlines {
  readonly #clock: Clock;
  /** Both ends of the ring in which the deadlines stand. */
  readonly #ring: Link;
  #size = 0;
  #timer: TimerHandle | undefined;
  #armedAt = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#ring = new Link();
  }

  get size(): number {
    return this.#size;
  }

  /** Calls `fn` in `ms` milliseconds unless the returned object is disposed before. */
  in(ms: number, fn: () => void): Disposable {
    const deadline = new Deadline(this.#clock.monotonic() + ms, fn, this.#removed);
    deadline.enter(this.#ring);
    this.#size += 1;
    if (deadline.dueAt < this.#armedAt) this.#arm(deadline.dueAt);
    return deadline;
  }

  close(): void {
    for (const deadline of this.#all()) deadline[Symbol.dispose]();
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#armedAt = Number.POSITIVE_INFINITY;
  }

  readonly #removed = (): void => {
    this.#size -= 1;
  };

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
    for (const deadline of this.#all()) {
      if (deadline.dueAt > now || !deadline.waits) continue;
      deadline[Symbol.dispose]();
      deadline.fn();
    }
    let next = Number.POSITIVE_INFINITY;
    for (const { dueAt } of this.#all()) next = Math.min(next, dueAt);
    if (next < this.#armedAt) this.#arm(next);
  }

  /** Those that wait now; what enters or leaves meanwhile does not change the list. */
  #all(): readonly Deadline[] {
    const all: Deadline[] = [];
    for (let link = this.#ring.next; link instanceof Deadline; link = link.next) all.push(link);
    return all;
  }
}

/** A place in a ring; alone it is a ring of one. */
class Link {
  next: Link = this;
  before: Link = this;

  /** Takes the last place of a ring. */
  enter(ring: Link): void {
    this.before = ring.before;
    this.next = ring;
    this.before.next = this;
    ring.before = this;
  }

  leave(): void {
    this.before.next = this.next;
    this.next.before = this.before;
    this.next = this;
    this.before = this;
  }
}

class Deadline extends Link implements Disposable {
  readonly dueAt: number;
  readonly fn: () => void;
  readonly #onRemoved: () => void;

  constructor(dueAt: number, fn: () => void, onRemoved: () => void) {
    super();
    this.dueAt = dueAt;
    this.fn = fn;
    this.#onRemoved = onRemoved;
  }

  /** Neither called nor disposed yet. */
  get waits(): boolean {
    return this.next !== this;
  }

  [Symbol.dispose](): void {
    if (!this.waits) return;
    this.leave();
    this.#onRemoved();
  }
}
