/** A value with its times, on the wall clock, which processes share. */
export interface CacheEntry<V> {
  readonly value: V;
  /** Fresh before this moment, stale after it. */
  readonly freshUntil: number;
  /** Gone after this moment. */
  readonly staleUntil: number;
}

interface Slot<V> {
  readonly entry: CacheEntry<V>;
  readonly bytes: number;
}

/** The entries of one process, bounded in number and size; what was unused for longest goes first. */
export class MemoryLevel<V> {
  readonly #slots = new Map<string, Slot<V>>();
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  readonly #sizeOf: (value: V) => number;
  #bytes = 0;

  constructor(maxEntries: number, maxBytes: number, sizeOf: (value: V) => number) {
    this.#maxEntries = maxEntries;
    this.#maxBytes = maxBytes;
    this.#sizeOf = sizeOf;
  }

  get size(): number {
    return this.#slots.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Undefined also when it is past its staleness; then it is removed. */
  get(key: string, now: number): CacheEntry<V> | undefined {
    const slot = this.#slots.get(key);
    if (slot === undefined) return undefined;
    this.#slots.delete(key);
    if (slot.entry.staleUntil <= now) {
      this.#bytes -= slot.bytes;
      return undefined;
    }
    this.#slots.set(key, slot);
    return slot.entry;
  }

  /** A value that is larger than the whole level is not kept. */
  set(key: string, entry: CacheEntry<V>): void {
    this.delete(key);
    const bytes = this.#sizeOf(entry.value);
    if (bytes > this.#maxBytes) return;
    this.#slots.set(key, { entry, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#slots.keys()) {
      if (this.#slots.size <= this.#maxEntries && this.#bytes <= this.#maxBytes) return;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    const slot = this.#slots.get(key);
    if (slot === undefined) return;
    this.#slots.delete(key);
    this.#bytes -= slot.bytes;
  }

  clear(): void {
    this.#slots.clear();
    this.#bytes = 0;
  }

  keys(): IterableIterator<string> {
    return this.#slots.keys();
  }
}
