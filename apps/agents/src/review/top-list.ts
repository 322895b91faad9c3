/**
 * Keeps the `size` greatest items that it was shown, by `weight`, in bounded memory. Equal weights: the one shown first wins.
 */
export class TopList<T> {
  readonly #size: number;
  readonly #weight: (item: T) => number;
  #items: T[] = [];

  constructor(size: number, weight: (item: T) => number) {
    this.#size = size;
    this.#weight = weight;
  }

  add(item: T): void {
    this.#items.push(item);
    if (this.#items.length >= 2 * this.#size + 16) this.#items = this.items();
  }

  /** Greatest first. */
  items(): T[] {
    return [...this.#items].sort((a, b) => this.#weight(b) - this.#weight(a)).slice(0, this.#size);
  }
}
