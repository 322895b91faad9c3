import { textHash } from './random.ts';

/** Something that will happen. Cancelled ones are passed over. */
export interface Planned {
  readonly at: number;
  readonly order: number;
  readonly label: string;
  readonly run: () => void;
  cancelled: boolean;
}

/**
 * Simulated time: a queue of what will happen, done one after the other in the order of time (and of planning, where times
 * are equal). After each step everything that follows from it without waiting is done before time goes on.
 */
export class Scheduler {
  /** Milliseconds since the beginning. */
  now = 0;
  /** Steps taken. */
  steps = 0;
  /** Of everything that happened so far; equal histories have equal ones. */
  hash = 0x811c9dc5;
  #order = 0;
  readonly #heap: Planned[] = [];

  in(ms: number, label: string, run: () => void): Planned {
    const planned: Planned = { at: this.now + Math.max(0, ms), order: this.#order++, label, run, cancelled: false };
    this.#push(planned);
    return planned;
  }

  /** Mixes a fact into the hash of the history. */
  note(text: string): void {
    this.hash = textHash(text, this.hash);
  }

  /** Goes on until the condition holds after a step, or the time is reached. True: it holds. */
  async until(holds: () => boolean, atMost: number): Promise<boolean> {
    for (;;) {
      await settled();
      if (holds()) return true;
      const next = this.#pop();
      if (next === undefined || next.at > atMost) {
        if (next !== undefined) this.#push(next);
        this.now = atMost;
        return false;
      }
      this.now = Math.max(this.now, next.at);
      this.steps++;
      this.hash = textHash(next.label, this.hash ^ ((this.now * 1_000) | 0));
      next.run();
    }
  }

  #push(planned: Planned): void {
    const heap = this.#heap;
    let at = heap.push(planned) - 1;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = heap[up];
      if (parent === undefined || !isBefore(planned, parent)) break;
      heap[at] = parent;
      at = up;
    }
    heap[at] = planned;
  }

  /** The first one that was not cancelled. */
  #pop(): Planned | undefined {
    for (;;) {
      const [first] = this.#heap;
      if (first === undefined) return undefined;
      const last = this.#heap.pop();
      if (last !== undefined && last !== first) this.#sink(last);
      if (!first.cancelled) return first;
    }
  }

  #sink(planned: Planned): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const [left, right] = [heap[child], heap[child + 1]];
      if (left === undefined) break;
      let least = left;
      if (right !== undefined && isBefore(right, left)) {
        least = right;
        child++;
      }
      if (!isBefore(least, planned)) break;
      heap[at] = least;
      at = child;
    }
    heap[at] = planned;
  }
}

function isBefore(a: Planned, b: Planned): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** All promise reactions and end-of-round callbacks that are due have run. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
