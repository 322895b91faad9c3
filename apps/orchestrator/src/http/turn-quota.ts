/** Submissions that are begun in one turn of the event loop, and as many urgent ones: more of them would keep the engine waiting. */
const MAX_PER_TURN = 100;
/** The same for those that are not urgent, while urgent runs are about: each turn that these wait for is short. */
const MAX_BESIDE_URGENT = 20;

/** How many submissions may be begun in one turn of the event loop. */
export class TurnQuota {
  readonly #hasUrgent: () => boolean;
  readonly #begun = { urgent: 0, others: 0 };

  /** `hasUrgent`: whether urgent runs are about. */
  constructor(hasUrgent: () => boolean) {
    this.#hasUrgent = hasUrgent;
  }

  /** Counts a submission; false when it is one too many. */
  begin(urgent: boolean): boolean {
    if (this.#begun.urgent + this.#begun.others === 0) setImmediate(this.#turn);
    const most = urgent || !this.#hasUrgent() ? MAX_PER_TURN : MAX_BESIDE_URGENT;
    return ++this.#begun[urgent ? 'urgent' : 'others'] <= most;
  }

  readonly #turn = (): void => {
    this.#begun.urgent = 0;
    this.#begun.others = 0;
  };
}
