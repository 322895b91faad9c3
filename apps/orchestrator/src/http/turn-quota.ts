import type { Clock } from '@mainstay/utils';

/** Submissions that are begun in one turn of the event loop, and as many urgent ones: more of them would keep the engine waiting. */
const MAX_PER_TURN = 100;
/** The same for those that are not urgent, while urgent ones come: each turn that these wait for is short. */
const MAX_BESIDE_URGENT = 20;
/** Urgent ones come when the last one came no longer ago. */
const URGENT_MS = 2_000;

/** How many submissions may be begun in one turn of the event loop. */
export class TurnQuota {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #begun = { urgent: 0, others: 0 };
  #urgentUntil = -Infinity;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Counts a submission; false when it is one too many. */
  begin(urgent: boolean): boolean {
    if (this.#begun.urgent + this.#begun.others === 0) setImmediate(this.#turn);
    const now = this.#clock.monotonic();
    if (urgent) this.#urgentUntil = now + URGENT_MS;
    const most = urgent || now >= this.#urgentUntil ? MAX_PER_TURN : MAX_BESIDE_URGENT;
    return ++this.#begun[urgent ? 'urgent' : 'others'] <= most;
  }

  readonly #turn = (): void => {
    this.#begun.urgent = 0;
    this.#begun.others = 0;
  };
}
