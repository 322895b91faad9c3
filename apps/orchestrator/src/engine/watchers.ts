/** Who waits for news of which run. */
export class Watchers {
  readonly #byRun = new Map<string, Set<() => void>>();

  add(run: string, listener: () => void): () => void {
    let listeners = this.#byRun.get(run);
    if (listeners === undefined) this.#byRun.set(run, (listeners = new Set()));
    listeners.add(listener);
    return () => {
      const present = this.#byRun.get(run);
      present?.delete(listener);
      if (present?.size === 0) this.#byRun.delete(run);
    };
  }

  notify(run: string): void {
    for (const listener of this.#byRun.get(run) ?? []) listener();
  }

  /** Tells everybody: news may have been missed. */
  notifyAll(): void {
    for (const listeners of this.#byRun.values()) for (const listener of listeners) listener();
  }

  get size(): number {
    return this.#byRun.size;
  }
}
