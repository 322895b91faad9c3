import type { Clock } from '@mainstay/utils';

const POLL_MS = 50;

/** True when the condition came to hold, false when the signal aborted before. */
export async function until(condition: () => boolean, signal: AbortSignal, clock: Clock): Promise<boolean> {
  while (!condition()) {
    if (signal.aborted) return false;
    await clock.sleep(POLL_MS, signal).catch(() => undefined);
  }
  return true;
}
