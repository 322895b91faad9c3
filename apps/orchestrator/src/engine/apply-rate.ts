import type { Clock } from '@mainstay/utils';

const WINDOW_MS = 500;

/** How fast inputs of runs are written, of late. Without work it is that of the last time with work. */
export class ApplyRate {
  readonly #clock: Pick<Clock, 'monotonic'>;
  #perSecond = 0;
  #count = 0;
  #begunAt: number;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
    this.#begunAt = clock.monotonic();
  }

  /** So many were written just now. */
  applied(inputs: number): void {
    const now = this.#clock.monotonic();
    const tookMs = now - this.#begunAt;
    this.#count += inputs;
    if (tookMs < WINDOW_MS) return;
    this.#perSecond = (this.#count * 1_000) / tookMs;
    this.#count = 0;
    this.#begunAt = now;
  }

  /** How many are written in so many milliseconds. */
  within(ms: number): number {
    return (this.#perSecond * ms) / 1_000;
  }
}
