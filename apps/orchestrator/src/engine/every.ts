import type { Logger } from '@mainstay/observability';
import type { Clock } from '@mainstay/utils';
import { Trouble } from './trouble.ts';

export interface EveryOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Does the work again and again, `pauseMs()` after it was done, until the signal aborts; failures are told once per outage. */
export async function every(
  pauseMs: () => number,
  what: string,
  work: () => Promise<void>,
  { clock, logger, signal }: EveryOptions,
): Promise<void> {
  const trouble = new Trouble(what, logger, clock);
  while (!signal.aborted) {
    try {
      await work();
      trouble.worked();
    } catch (error) {
      trouble.failed(error);
    }
    await clock.sleep(pauseMs(), signal).catch(() => undefined);
  }
}
