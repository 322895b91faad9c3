import type { Clock } from '@mainstay/utils';

/**
 * A sleep that can be cut short: for loops that have nothing to do until somebody wakes them or a time has come. A wake
 * that comes while the loop is busy is remembered, so that none is lost.
 */
export class Wake {
  readonly #clock: Clock;
  #pending = false;
  #resume: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Ends the current wait, or the next one at once. */
  wake(): void {
    this.#pending = true;
    this.#resume?.();
  }

  /** Waits for {@link wake}, at most `ms` milliseconds; returns at once when the signal is aborted. Never rejects. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#pending && !signal.aborted && ms > 0) {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      const resume = (): void => {
        resolve(undefined);
      };
      this.#resume = resume;
      signal.addEventListener('abort', resume, { once: true });
      const timer = Number.isFinite(ms) ? this.#clock.setTimeout(resume, ms) : undefined;
      await promise;
      this.#clock.clearTimeout(timer);
      signal.removeEventListener('abort', resume);
      this.#resume = undefined;
    }
    this.#pending = false;
  }
}
