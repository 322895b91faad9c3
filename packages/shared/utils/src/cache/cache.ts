import { raceAbort } from '../abort-scope.ts';
import { checkNumber } from '../check-option.ts';
import { type Clock, systemClock } from '../clock.ts';
import { noDeadline, underDeadline } from '../deadline.ts';
import { withTimeout } from '../with-timeout.ts';
import { CacheNames } from './cache-names.ts';
import type { Cache, CacheLoad, CacheOptions, CacheStats } from './cache-options.ts';
import type { CacheEvent } from './cache-ports.ts';
import { type CacheEntry, MemoryLevel } from './memory-level.ts';
import { SharedLevel } from './shared-level.ts';

/** @throws ConfigurationError `CONFIG_INVALID` that names the first wrong option and its value. */
export function createCache<V>(options: CacheOptions<V>): Cache<V> {
  return new TwoLevelCache(options);
}

const EVENTS = ['hit', 'shared-hit', 'stale', 'miss', 'joined', 'load-failed', 'shared-failed'] as const;
/** How often a process looks whether another one has loaded. */
const LOOK_EVERY_MS = 50;

interface Flight<V> {
  readonly value: Promise<V>;
  /** False after an invalidation. */
  keep: boolean;
}

class TwoLevelCache<V> implements Cache<V> {
  readonly #options: CacheOptions<V>;
  readonly #clock: Clock;
  readonly #ttlMs: number;
  readonly #staleMs: number;
  readonly #spread: number;
  readonly #lockMs: number;
  readonly #memory: MemoryLevel<V>;
  readonly #shared: SharedLevel<V>;
  readonly #flights = new Map<string, Flight<V>>();
  readonly #counts = Object.fromEntries(EVENTS.map((event) => [event, 0])) as Record<CacheEvent, number>;
  readonly #unsubscribe: (() => void) | undefined;
  readonly #names: CacheNames;
  readonly #loadTimeoutMs: number;

  constructor(options: CacheOptions<V>) {
    const { name, store, bus } = options;
    const owner = `cache ${name}`;
    const most = Number.POSITIVE_INFINITY;
    this.#options = options;
    this.#names = new CacheNames(name);
    this.#loadTimeoutMs = checkNumber(owner, 'loadTimeoutMs', options.loadTimeoutMs ?? 30_000, { min: 1 });
    this.#clock = options.clock ?? systemClock;
    this.#ttlMs = checkNumber(owner, 'ttlMs', options.ttlMs ?? 60_000, { min: 1 });
    this.#staleMs = checkNumber(owner, 'staleMs', options.staleMs ?? 0, { min: 0 });
    this.#spread = checkNumber(owner, 'spread', options.spread ?? 0.1, { min: 0, max: 1 });
    this.#lockMs = checkNumber(owner, 'lockMs', options.lockMs ?? 5_000, { min: 1 });
    const maxEntries = checkNumber(owner, 'maxEntries', options.maxEntries ?? 10_000, { min: 0, integer: true });
    this.#memory = new MemoryLevel(
      maxEntries,
      checkNumber(owner, 'maxBytes', options.maxBytes ?? most, { min: 0 }),
      options.sizeOf ?? zero,
    );
    this.#shared = new SharedLevel({
      name,
      store,
      clock: this.#clock,
      timeoutMs: checkNumber(owner, 'storeTimeoutMs', options.storeTimeoutMs ?? 250, { min: 1 }),
      onFailure: () => this.#tell('shared-failed', ''),
    });
    this.#unsubscribe = bus?.subscribe(this.#onMessage, this.#onGap);
  }

  get stats(): CacheStats {
    const { hit, 'shared-hit': shared, stale, joined, miss } = this.#counts;
    const answered = hit + shared + stale + joined;
    const hitRate = answered + miss === 0 ? 0 : answered / (answered + miss);
    return { entries: this.#memory.size, bytes: this.#memory.bytes, events: { ...this.#counts }, hitRate };
  }

  async get(key: string, load: CacheLoad<V>, { signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<V> {
    signal?.throwIfAborted();
    const entry = this.#memory.get(key, this.#clock.now());
    if (entry !== undefined && entry.freshUntil > this.#clock.now()) {
      this.#tell('hit', key);
      return entry.value;
    }
    const joined = this.#flights.has(key);
    const flight = this.#flight(key, load, entry);
    if (entry !== undefined) {
      this.#tell('stale', key);
      flight.catch(ignore);
      return entry.value;
    }
    if (joined) this.#tell('joined', key);
    return signal === undefined ? flight : raceAbort(() => flight, signal);
  }

  async set(key: string, value: V): Promise<void> {
    this.#forget([key]);
    const entry = this.#entry(value);
    this.#memory.set(key, entry);
    await this.#shared.set(this.#names.value(key), entry);
    await this.#publish([key]);
  }

  async invalidate(...keys: readonly string[]): Promise<void> {
    this.#forget(keys);
    await this.#shared.delete(keys.map((key) => this.#names.value(key)));
    await this.#publish(keys);
  }

  clear(): void {
    this.#memory.clear();
  }

  close(): void {
    this.#unsubscribe?.();
  }

  /** The load of a key that is under way, or a new one. */
  #flight(key: string, load: CacheLoad<V>, stale: CacheEntry<V> | undefined): Promise<V> {
    const known = this.#flights.get(key);
    if (known !== undefined) return known.value;
    const { promise, resolve } = Promise.withResolvers<V>();
    const flight: Flight<V> = { value: promise, keep: true };
    this.#flights.set(key, flight);
    const fetched = underDeadline(noDeadline, () => this.#fetch(key, load, flight, stale === undefined));
    resolve(
      fetched.finally(() => {
        if (this.#flights.get(key) === flight) this.#flights.delete(key);
      }),
    );
    return promise;
  }

  async #fetch(key: string, load: CacheLoad<V>, flight: Flight<V>, counts: boolean): Promise<V> {
    const shared = await this.#fromShared(key);
    if (shared !== undefined && shared.freshUntil > this.#clock.now()) return this.#keepShared(key, shared, flight, counts);
    const lock = this.#shared.locks ? await this.#shared.lock(this.#names.lock(key), this.#lockMs) : 'none';
    if (lock === 'taken') {
      const theirs = shared ?? (await this.#awaitOther(key));
      if (theirs !== undefined) return this.#keepShared(key, theirs, flight, counts);
    }
    try {
      if (counts) this.#tell('miss', key);
      const value = await this.#load(key, load);
      await this.#keep(key, value, flight);
      return value;
    } catch (error) {
      this.#tell('load-failed', key);
      if (shared === undefined) throw error;
      return shared.value;
    } finally {
      if (typeof lock === 'object') await this.#shared.release(lock);
    }
  }

  #load(key: string, load: CacheLoad<V>): Promise<V> {
    return withTimeout((signal) => load(key, signal), this.#loadTimeoutMs, {
      name: `load of cache ${this.#options.name}`,
      clock: this.#clock,
    });
  }

  #fromShared(key: string): Promise<CacheEntry<V> | undefined> {
    return this.#shared.get(this.#names.value(key));
  }

  /** What the process that has the lock puts in; undefined if it does not within the lock's time. */
  async #awaitOther(key: string): Promise<CacheEntry<V> | undefined> {
    const until = this.#clock.monotonic() + this.#lockMs;
    while (this.#clock.monotonic() < until) {
      await this.#clock.sleep(LOOK_EVERY_MS);
      const entry = await this.#fromShared(key);
      if (entry !== undefined) return entry;
    }
    return undefined;
  }

  #keepShared(key: string, entry: CacheEntry<V>, flight: Flight<V>, counts: boolean): V {
    if (counts) this.#tell('shared-hit', key);
    if (flight.keep) this.#memory.set(key, entry);
    return entry.value;
  }

  async #keep(key: string, value: V, flight: Flight<V>): Promise<void> {
    if (!flight.keep) return;
    const entry = this.#entry(value);
    this.#memory.set(key, entry);
    await this.#shared.set(this.#names.value(key), entry);
    // an invalidation that came while it was written must not be undone by it
    if (!isKept(flight)) await this.#shared.delete([this.#names.value(key)]);
  }

  #entry(value: V): CacheEntry<V> {
    const ttlMs = this.#ttlMs * (1 - this.#spread * (this.#options.random ?? Math.random)());
    const freshUntil = this.#clock.now() + ttlMs;
    return { value, freshUntil, staleUntil: freshUntil + this.#staleMs };
  }

  #forget(keys: readonly string[]): void {
    for (const key of keys) {
      this.#memory.delete(key);
      const flight = this.#flights.get(key);
      if (flight !== undefined) flight.keep = false;
      this.#flights.delete(key);
    }
  }

  async #publish(keys: readonly string[]): Promise<void> {
    try {
      await this.#options.bus?.publish(this.#names.message(keys));
    } catch {
      this.#tell('shared-failed', '');
    }
  }

  readonly #onMessage = (message: string): void => {
    this.#forget(this.#names.keysOf(message));
  };

  readonly #onGap = (): void => {
    this.#forget([...this.#memory.keys(), ...this.#flights.keys()]);
  };

  #tell(event: CacheEvent, key: string): void {
    this.#counts[event] += 1;
    this.#options.onEvent?.(event, key);
  }
}

/** A function, because it changes while others wait. */
function isKept(flight: { readonly keep: boolean }): boolean {
  return flight.keep;
}

function zero(): number {
  return 0;
}

function ignore(): void {
  // a stale value was given instead
}
