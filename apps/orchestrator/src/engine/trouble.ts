import type { Logger } from '@mainstay/observability';
import type { Clock } from '@mainstay/utils';

/**
 * Reports something that is tried again and again: a warning when it begins to fail, and how long it lasted when it is over.
 * What lies between is for debugging, so that an outage does not flood the log.
 */
export class Trouble {
  readonly #what: string;
  readonly #logger: Logger;
  readonly #clock: Clock;
  #since: number | undefined;
  #failures = 0;

  /** `what`: the beginning of a sentence, such as `the presence check`. */
  constructor(what: string, logger: Logger, clock: Clock) {
    this.#what = what;
    this.#logger = logger;
    this.#clock = clock;
  }

  failed(error: unknown): void {
    this.#failures++;
    const first = this.#since === undefined;
    this.#since ??= this.#clock.monotonic();
    this.#logger[first ? 'warn' : 'debug'](
      { err: error, failures: this.#failures },
      `${this.#what} failed; it is tried again until it works`,
    );
  }

  worked(): void {
    if (this.#since === undefined) return;
    this.#logger.info(
      { failures: this.#failures, lastedMs: Math.round(this.#clock.monotonic() - this.#since) },
      `${this.#what} works again`,
    );
    this.#since = undefined;
    this.#failures = 0;
  }
}
