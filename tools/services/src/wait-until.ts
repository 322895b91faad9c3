import { setTimeout as delay } from 'node:timers/promises';

/** How {@link waitUntil} waits. */
export interface WaitOptions {
  readonly timeoutMs: number;
  /** Pause between two looks; default 25. */
  readonly intervalMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Looks again and again until `look` gives something other than `undefined`; gives `undefined` when the time is over. */
export async function waitUntil<T>(look: () => Promise<T | undefined> | T | undefined, options: WaitOptions): Promise<T | undefined> {
  const end = performance.now() + options.timeoutMs;
  for (;;) {
    options.signal?.throwIfAborted();
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() >= end) return undefined;
    await delay(options.intervalMs ?? 25, undefined, options.signal ? { signal: options.signal } : {});
  }
}
