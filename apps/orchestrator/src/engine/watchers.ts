/** Who waits for news, by key: of a run, or of the ends of a tenant's runs. */
export class Watchers<N = void> {
  readonly #byKey = new Map<string, Set<(news: N) => void>>();

  add(key: string, listener: (news: N) => void): () => void {
    let listeners = this.#byKey.get(key);
    if (listeners === undefined) this.#byKey.set(key, (listeners = new Set()));
    listeners.add(listener);
    return () => {
      const present = this.#byKey.get(key);
      present?.delete(listener);
      if (present?.size === 0) this.#byKey.delete(key);
    };
  }

  has(key: string): boolean {
    return this.#byKey.has(key);
  }

  notify(key: string, news: N): void {
    const listeners = this.#byKey.get(key);
    if (listeners !== undefined) for (const listener of listeners) listener(news);
  }

  /** Tells everybody: news may have been missed. */
  notifyAll(news: N): void {
    for (const listeners of this.#byKey.values()) for (const listener of listeners) listener(news);
  }

  /** Keys that somebody waits for. */
  get size(): number {
    return this.#byKey.size;
  }
}
