import type { CacheBus, CacheLock, CacheStore } from '../cache/cache-ports.ts';
import type { Clock } from '../clock.ts';

interface Held {
  readonly text: string;
  readonly until: number;
}

/** A shared level of a cache in memory, for tests of what uses one: several caches on it are several processes. */
export class MemoryCacheStore implements CacheStore {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #held = new Map<string, Held>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  get(key: string): Promise<string | undefined> {
    return Promise.resolve(this.#live(key)?.text);
  }

  set(key: string, text: string, ttlMs: number): Promise<void> {
    this.#held.set(key, { text, until: this.#clock.now() + ttlMs });
    return Promise.resolve();
  }

  delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#held.delete(key);
    return Promise.resolve();
  }

  lock(key: string, ttlMs: number): Promise<CacheLock | undefined> {
    if (this.#live(key) !== undefined) return Promise.resolve(undefined);
    const mine: Held = { text: '', until: this.#clock.now() + ttlMs };
    this.#held.set(key, mine);
    const release = () => {
      if (this.#held.get(key) === mine) this.#held.delete(key);
      return Promise.resolve();
    };
    return Promise.resolve({ release });
  }

  #live(key: string): Held | undefined {
    const held = this.#held.get(key);
    return held !== undefined && held.until > this.#clock.now() ? held : undefined;
  }
}

interface Subscriber {
  readonly listener: (message: string) => void;
  readonly onGap: () => void;
}

/** A bus in memory; it delivers at once, to the sender as well, as Redis does. */
export class MemoryCacheBus implements CacheBus {
  readonly #subscribers = new Set<Subscriber>();

  publish(message: string): Promise<void> {
    for (const { listener } of this.#subscribers) listener(message);
    return Promise.resolve();
  }

  subscribe(listener: (message: string) => void, onGap: () => void): () => void {
    const subscriber = { listener, onGap };
    this.#subscribers.add(subscriber);
    return () => this.#subscribers.delete(subscriber);
  }

  /** As if the connections had been away for a while. */
  gap(): void {
    for (const { onGap } of this.#subscribers) onGap();
  }
}
