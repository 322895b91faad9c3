import { ArrivalQueue, type BatchSource } from './batch-loop.ts';

/**
 * Of a batch, for those that are not urgent when urgent ones wait too, and no more than that: nobody waits for ever, and the transaction of
 * an urgent one is short.
 */
export const SHARE_OF_OTHERS = 1 / 8;

/** Submissions that wait for their transaction: urgent ones first, each kind in the order of arrival. */
export class IntakeQueue<T> implements BatchSource<readonly T[]> {
  readonly #urgent = new ArrivalQueue<T>();
  readonly #others = new ArrivalQueue<T>();

  get size(): number {
    return this.#urgent.size + this.#others.size;
  }

  add(item: T, urgent: boolean): void {
    (urgent ? this.#urgent : this.#others).add(item);
  }

  take(max: number): readonly T[] {
    if (this.#urgent.size === 0) return this.#others.take(max);
    const kept = Math.min(this.#others.size, Math.ceil(max * SHARE_OF_OTHERS));
    const urgent = this.#urgent.take(max - kept);
    return [...urgent, ...this.#others.take(kept)];
  }
}
