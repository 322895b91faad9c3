import type { MovingLimit } from '@mainstay/utils';

/** A limit of concurrency that follows what the process can bear, not how long calls take. */
export class DecidedLimit implements MovingLimit {
  readonly #listeners = new Set<() => void>();
  #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get limit(): number {
    return this.#limit;
  }

  set(limit: number): void {
    const rose = limit > this.#limit;
    this.#limit = limit;
    if (rose) for (const listener of this.#listeners) listener();
  }

  onRise(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
