import type { Clock } from '@mainstay/utils';

/** Urgent work is about while the last that was seen of it is no older. */
const SPELL_MS = 10_000;

/** Whether runs of high priority go on here: while they do, less is done at once of all others, since each of their steps waits for it. */
export class UrgentWork {
  readonly #clock: Pick<Clock, 'monotonic'>;
  #until = -Infinity;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** An urgent run has just begun, or gone on. */
  seen(): void {
    this.#until = this.#clock.monotonic() + SPELL_MS;
  }

  get isAbout(): boolean {
    return this.#clock.monotonic() < this.#until;
  }
}
