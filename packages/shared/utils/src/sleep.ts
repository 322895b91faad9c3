import { systemClock } from './clock.ts';

/** Resolves after `ms` milliseconds of the machine's clock; rejects with the signal's reason as soon as it aborts. */
export function sleep(ms: number, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
  return systemClock.sleep(ms, options.signal);
}
