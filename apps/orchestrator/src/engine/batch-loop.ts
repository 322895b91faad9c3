import { outOfContext } from '@mainstay/observability';

/** Where the items of batches wait. */
export interface BatchSource<B> {
  /** Items that wait. */
  readonly size: number;
  /** Something of it should not wait for a batch under way. Default false. */
  readonly pressing?: boolean;
  /** The next batch, of at most `max` items; undefined when none of those that wait may be dealt with now. */
  take(max: number): B | undefined;
}

export interface BatchLoopOptions<B> {
  readonly source: BatchSource<B>;
  /** Items of one batch at most. Asked for each. */
  readonly maxBatch: () => number;
  /** Batches under way at once, at most. Default 1. */
  readonly parallel?: number;
  /**
   * While a batch is under way, another one begins only with so many items, or when it presses: many tiny batches cost more than few
   * large ones. Default 1.
   */
  readonly minParallel?: number;
  /** Deals with a batch. Must not reject. */
  readonly work: (batch: B) => Promise<void>;
}

/**
 * Takes everything that waits and deals with it at once. While batches are under way the next one gathers, so that they are
 * small when little is to be done and large under load, without any added wait: what comes first begins when the code that
 * brought it has returned.
 */
export class BatchLoop<B> {
  readonly #source: BatchSource<B>;
  readonly #work: (batch: B) => Promise<void>;
  readonly #maxBatch: () => number;
  readonly #parallel: number;
  readonly #minParallel: number;
  readonly #stop = new AbortController();
  readonly #stopped = Promise.withResolvers<undefined>();
  #started = false;
  #scheduled = false;
  #underWay = 0;

  constructor({ source, work, maxBatch, parallel = 1, minParallel = 1 }: BatchLoopOptions<B>) {
    this.#source = source;
    this.#work = work;
    this.#maxBatch = maxBatch;
    this.#parallel = parallel;
    this.#minParallel = minParallel;
  }

  start(): void {
    this.#started = true;
    this.wake();
  }

  /** Aborts when the loop is to end. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  get idle(): boolean {
    return this.#underWay === 0 && this.#source.size === 0;
  }

  /** To be called when items were added. */
  wake(): void {
    if (this.#scheduled || !this.#mayBegin()) return;
    this.#scheduled = true;
    // whoever brought the first item: the batches are of many, and so are those that follow
    outOfContext(() => {
      queueMicrotask(this.#begin);
    });
  }

  /** Begins no batch any more; resolves when those under way are done. What waits stays in the source. */
  async stop(): Promise<void> {
    this.#stop.abort();
    if (this.#underWay > 0) await this.#stopped.promise;
  }

  #mayBegin(): boolean {
    if (!this.#started || this.#stop.signal.aborted || this.#source.size === 0) return false;
    if (this.#underWay === 0) return true;
    return this.#underWay < this.#parallel && (this.#source.size >= this.#minParallel || this.#source.pressing === true);
  }

  readonly #begin = (): void => {
    this.#scheduled = false;
    while (this.#mayBegin()) {
      const batch = this.#source.take(this.#maxBatch());
      if (batch === undefined) return;
      void this.#run(batch);
    }
  };

  async #run(batch: B): Promise<void> {
    this.#underWay++;
    await this.#work(batch);
    this.#underWay--;
    if (!this.#stop.signal.aborted) this.#begin();
    else if (this.#underWay === 0) this.#stopped.resolve(undefined);
  }
}

/** Items that wait for their batch in the order of arrival. */
export class ArrivalQueue<T> implements BatchSource<readonly T[]> {
  #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  add(item: T): void {
    this.#items.push(item);
  }

  take(max: number): readonly T[] {
    if (this.#items.length > max) return this.#items.splice(0, max);
    const all = this.#items;
    this.#items = [];
    return all;
  }
}
