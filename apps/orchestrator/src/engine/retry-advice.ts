import type { Clock } from '@mainstay/utils';

const MIN_MS = 1_000;
const MAX_MS = 60_000;
const WINDOW_MS = 1_000;
/** Per second, before anything was learned: who comes too early costs a refusal, who comes too late leaves the engine idle. */
const FIRST_RATE = 2_000;
const MIN_RATE = 1;
const MAX_RATE = 100_000;
/** So many times more than were accepted are called back: whether more can be taken is only known when more come. */
const HEADROOM = 1.25;
/** Growth of the rate with each second in which nobody is refused, and with each in which few are. */
const FAST_GROWTH = 1.5;
const SLOW_GROWTH = 1.1;
/** Of those accepted: with more refusals than that, more come than can be taken. */
const FEW = 0.5;

/**
 * When those who are refused should come back: each at a time of its own, one after the other, in such numbers per second as were
 * accepted of late. So a flood is worked off at the speed of the engine, from its first second to its last.
 */
export class RetryAdvice {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #random: () => number;
  /** Calls back per second. */
  #rate = FIRST_RATE;
  /** The last time that was given to anybody. */
  #lastAt = 0;
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

  /** Counts a refusal; milliseconds after which to try again: a second at least, a minute at most. */
  refused(): number {
    const now = this.#turn();
    this.#refused++;
    const rate = Math.max(this.#rate, HEADROOM * this.#accepted);
    const at = Math.max(this.#lastAt, now + MIN_MS) + 1_000 / rate;
    // Nobody knows what will be in a minute: those who would come later come before that, spread.
    if (at > now + MAX_MS) return Math.round((MAX_MS / 2) * (1 + this.#random()));
    this.#lastAt = at;
    return Math.round(at - now);
  }

  /** Learns from the second that is over. */
  #turn(): number {
    const now = this.#clock.monotonic();
    if (now < this.#windowEndsAt) return now;
    if (this.#accepted + this.#refused > 0) this.#rate = Math.min(MAX_RATE, Math.max(MIN_RATE, this.#nextRate()));
    this.#accepted = 0;
    this.#refused = 0;
    this.#windowEndsAt = now + WINDOW_MS;
    return now;
  }

  /**
   * Refusals alone say little: many at one instant are refused although there is room in the second. Nor does a second in which
   * nothing was accepted: those who were refused came faster than any run can be taken.
   */
  #nextRate(): number {
    if (this.#refused > FEW * this.#accepted) return Math.max(HEADROOM * this.#accepted, this.#rate / 2);
    return this.#rate * (this.#refused === 0 ? FAST_GROWTH : SLOW_GROWTH);
  }
}
