import { ArrivalQueue, type BatchSource } from './batch-loop.ts';

/**
 * Of a batch, for those that are not urgent when urgent ones wait too, and no more than that: nobody waits for ever, and the transaction of
 * an urgent one is short.
 */
export const SHARE_OF_OTHERS = 1 / 8;

/**
 * Submissions that wait for their transaction: urgent ones first, each kind in the order of arrival. `room` tells how many that are not
 * urgent may be begun now.
 */
export class IntakeQueue<T> implements BatchSource<readonly T[]> {
  readonly #urgent = new ArrivalQueue<T>();
  readonly #others = new ArrivalQueue<T>();
  readonly #room: () => number;

  constructor(room: () => number = () => Infinity) {
    this.#room = room;
  }

  get size(): number {
    return this.#urgent.size + this.#others.size;
  }

  get pressing(): boolean {
    return this.#urgent.size > 0;
  }

  add(item: T, urgent: boolean): void {
    (urgent ? this.#urgent : this.#others).add(item);
  }

  take(max: number): readonly T[] | undefined {
    const room = Math.max(0, Math.floor(this.#room()));
    if (this.#urgent.size === 0) return room === 0 ? undefined : this.#others.take(Math.min(max, room));
    const kept = Math.min(this.#others.size, Math.ceil(max * SHARE_OF_OTHERS), room);
    const urgent = this.#urgent.take(max - kept);
    return [...urgent, ...this.#others.take(kept)];
  }

  /** Takes out everything that waits. */
  clear(): readonly T[] {
    return [...this.#urgent.take(Infinity), ...this.#others.take(Infinity)];
  }
}
