/** Submissions that are begun in one turn of the event loop, and as many urgent ones: more of them would keep the engine waiting. */
const MAX_PER_TURN = 100;
/** The same for those that are not urgent, while urgent runs are about: each turn that these wait for is short. */
const MAX_BESIDE_URGENT = 20;

/** Submissions that wait for a later turn: some ten turns' worth. */
const MAX_LATER = 1_000;

/** How many submissions may be begun in one turn of the event loop. */
export class TurnQuota {
  readonly #hasUrgent: () => boolean;
  readonly #begun = { urgent: 0, others: 0 };
  readonly #later: (() => void)[] = [];
  #counting = false;

  /** `hasUrgent`: whether urgent runs are about. */
  constructor(hasUrgent: () => boolean) {
    this.#hasUrgent = hasUrgent;
  }

  /** Counts a submission; false when it is one too many. */
  begin(urgent: boolean): boolean {
    this.#countTurn();
    const most = urgent || !this.#hasUrgent() ? MAX_PER_TURN : MAX_BESIDE_URGENT;
    return ++this.#begun[urgent ? 'urgent' : 'others'] <= most;
  }

  /**
   * Calls back in a later turn, so many in each, in the order of the calls: of what a client sends at once a part is taken turn by turn. False,
   * and nothing is called, while too many wait already, or urgent runs are about, whose turns are to be short.
   */
  later(again: () => void): boolean {
    if (this.#later.length >= MAX_LATER || this.#hasUrgent()) return false;
    this.#later.push(again);
    this.#countTurn();
    return true;
  }

  #countTurn(): void {
    if (this.#counting) return;
    this.#counting = true;
    setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    this.#counting = false;
    this.#begun.urgent = 0;
    this.#begun.others = 0;
    if (this.#later.length === 0) return;
    const due = this.#later.splice(0, MAX_PER_TURN);
    this.#countTurn();
    for (const again of due) again();
  };
}
