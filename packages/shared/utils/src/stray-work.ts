import { type Clock, systemClock } from './clock.ts';

/** Work of one name that was given up but has not ended. */
export interface Strays {
  readonly name: string;
  /** Calls that still run. */
  readonly running: number;
  /** Calls that went on for {@link STRAY_AFTER_MS} or longer after they were given up, since the process began. */
  readonly reported: number;
}

export type StrayListener = (name: string) => void;

/** Work that has not ended so long after it was told to is taken to ignore its signal. */
export const STRAY_AFTER_MS = 1_000;

/** Names beyond these are counted together. */
const MAX_NAMES = 1_000;
const OTHERS = '(others)';

interface Count {
  running: number;
  reported: number;
}

/** Counts by name what goes on although nobody waits for it any more: it ignores its signal. */
export class StrayWork {
  readonly #counts = new Map<string, Count>();
  readonly #listeners = new Set<StrayListener>();

  /** Counts a call that was given up; the returned function is called when it ends after all. */
  add(name: string, clock: Pick<Clock, 'setTimeout' | 'clearTimeout'> = systemClock): () => void {
    const key = this.#counts.has(name) || this.#counts.size < MAX_NAMES ? name : OTHERS;
    const count = this.#counts.get(key) ?? { running: 0, reported: 0 };
    this.#counts.set(key, count);
    count.running += 1;
    const timer = clock.setTimeout(() => {
      count.reported += 1;
      for (const listener of this.#listeners) listener(key);
    }, STRAY_AFTER_MS);
    timer.unref();
    return () => {
      clock.clearTimeout(timer);
      count.running -= 1;
      if (count.running === 0 && count.reported === 0) this.#counts.delete(key);
    };
  }

  list(): readonly Strays[] {
    return [...this.#counts].map(([name, count]) => ({ name, ...count }));
  }

  /** Tells the name, as it is counted, of every call that ignores its signal. Returns the function that ends it. */
  on(_event: 'stray', listener: StrayListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** That of this process: `withTimeout`, `retry` and policies count here. */
export const strayWork = new StrayWork();
