import type { Clock } from '@mainstay/utils';

const MIN_MS = 1_000;
const MAX_MS = 60_000;
const WINDOW_MS = 1_000;
/** After so long without a question nothing that was learned counts. */
const FORGET_MS = 10_000;

/**
 * How long those who are refused should stay away. While far more are refused than accepted the time doubles every second, so
 * that they come back in such numbers as can be taken, and it halves when most are accepted again. Spread at random, so that
 * those who were refused together do not come back together.
 */
export class RetryAdvice {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #random: () => number;
  #delayMs = MIN_MS;
  #windowEndsAt = 0;
  #accepted = 0;
  #refused = 0;

  constructor(clock: Pick<Clock, 'monotonic'>, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  accepted(): void {
    this.#turn();
    this.#accepted++;
  }

  /** Counts a refusal; milliseconds after which to try again, from half of the present time to one and a half of it. */
  refused(): number {
    this.#turn();
    this.#refused++;
    return Math.round(this.#delayMs * (0.5 + this.#random()));
  }

  #turn(): void {
    const now = this.#clock.monotonic();
    if (now < this.#windowEndsAt) return;
    if (now - this.#windowEndsAt > FORGET_MS) this.#delayMs = MIN_MS;
    else if (this.#refused > 2 * this.#accepted) this.#delayMs = Math.min(MAX_MS, this.#delayMs * 2);
    else if (2 * this.#refused <= this.#accepted) this.#delayMs = Math.max(MIN_MS, this.#delayMs / 2);
    this.#accepted = 0;
    this.#refused = 0;
    this.#windowEndsAt = now + WINDOW_MS;
  }
}
