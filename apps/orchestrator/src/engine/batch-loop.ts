import type { Clock } from '@mainstay/utils';
import { Wake } from './wake.ts';

export interface BatchLoopOptions<T> {
  readonly clock: Clock;
  /** Items of one batch at most. */
  readonly maxBatch: number;
  /** Deals with a batch. Must not reject. */
  readonly work: (batch: readonly T[]) => Promise<void>;
}

/**
 * One loop that takes everything that waits and deals with it at once. While a batch is under way the next one gathers, so
 * that batches are small when little is to be done and large under load, without any added wait.
 */
export class BatchLoop<T> {
  readonly #options: BatchLoopOptions<T>;
  readonly #wake: Wake;
  readonly #stop = new AbortController();
  #queue: T[] = [];
  #loop: Promise<void> | undefined;
  #busy = false;

  constructor(options: BatchLoopOptions<T>) {
    this.#options = options;
    this.#wake = new Wake(options.clock);
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Aborts when the loop is to end. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Items that wait. */
  get backlog(): number {
    return this.#queue.length;
  }

  get idle(): boolean {
    return this.#queue.length === 0 && !this.#busy;
  }

  add(item: T): void {
    this.#queue.push(item);
    this.#wake.wake();
  }

  /** Puts items back in front of all others; those of the batch under way, to be dealt with again. */
  putBack(items: readonly T[]): void {
    this.#queue.unshift(...items);
  }

  /** Ends the loop after the batch under way and gives what still waits. */
  async stop(): Promise<readonly T[]> {
    this.#stop.abort();
    await this.#loop;
    return this.#queue.splice(0);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const { maxBatch, work } = this.#options;
    while (!signal.aborted) {
      if (this.#queue.length === 0) await this.#wake.wait(Infinity, signal);
      const batch = this.#queue.splice(0, maxBatch);
      if (batch.length === 0) continue;
      this.#busy = true;
      await work(batch);
      this.#busy = false;
    }
  }
}
