import type { Clock } from '@mainstay/utils';
import { AtEndOfRound } from './end-of-round.ts';

/** What becomes ready so soon after a send is one of many: it waits for its neighbours. */
const BURST_GAP_MS = 0.5;
/** So many do not wait for more: a burst leaves in portions of this size, and a crash in it costs no more than one. */
const PORTION = 16;
/** Nothing waits longer for its neighbours while others become ready. */
const MAX_WAIT_MS = 1;

/**
 * Chooses when to send what is ready. What comes alone goes at the end of the round in which it became ready. In a burst (200
 * timers that fire one after the other) a send for each would cost more than the work itself: there it goes in portions, and
 * what is left at the end of this turn of the event loop. No timer is involved.
 */
export class SendMoment {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #send: () => void;
  readonly #soon: AtEndOfRound;
  #lastAt = Number.NEGATIVE_INFINITY;
  /** Something waits for its neighbours since then, until this happens. */
  #held: { readonly since: number; readonly until: NodeJS.Immediate } | undefined;

  constructor(clock: Pick<Clock, 'monotonic'>, send: () => void) {
    this.#clock = clock;
    this.#send = send;
    this.#soon = new AtEndOfRound(() => {
      this.#now();
    });
  }

  /** So many are ready, one of them since just now. */
  ready(count: number): void {
    if (this.#soon.asked) return;
    const now = this.#clock.monotonic();
    const held = this.#held;
    if (count >= PORTION || now - (held?.since ?? now) >= MAX_WAIT_MS || (held === undefined && now - this.#lastAt >= BURST_GAP_MS)) {
      this.#soon.ask();
    } else if (held === undefined) {
      this.#held = {
        since: now,
        until: setImmediate(() => {
          this.#now();
        }),
      };
    }
  }

  /** A send has begun. */
  sent(): void {
    this.#lastAt = this.#clock.monotonic();
  }

  #now(): void {
    clearImmediate(this.#held?.until);
    this.#held = undefined;
    this.#send();
  }
}
