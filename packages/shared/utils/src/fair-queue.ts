import { type Priority, PRIORITIES, PRIORITY_TURNS } from './priority.ts';
import { TurnQueue } from './turn-queue.ts';

/**
 * A queue that is fair between tenants and knows priorities. Priorities take turns 16 : 4 : 1, the higher one first; within one, tenants
 * take turns by their weights; within a tenant, who came first goes first. So whoever waits is reached after a bounded number of others,
 * however many of them come. Coming and going
 * take constant time.
 */
export class FairQueue<T extends object> {
  readonly #lanes: Readonly<Record<Priority, TurnQueue<T>>>;
  readonly #credit: Record<Priority, number> = { ...PRIORITY_TURNS };
  readonly #places = new Map<T, Priority>();

  /** @param weightOf turns in a row that a tenant gets; a whole number of at least 1 */
  constructor(weightOf: (tenant: string) => number = () => 1) {
    this.#lanes = { high: new TurnQueue(weightOf), normal: new TurnQueue(weightOf), low: new TurnQueue(weightOf) };
  }

  get size(): number {
    return this.#places.size;
  }

  sizeOf(priority: Priority): number {
    return this.#lanes[priority].size;
  }

  add(item: T, tenant: string, priority: Priority): void {
    this.#places.set(item, priority);
    this.#lanes[priority].add(item, tenant);
  }

  /** The next in turn, removed; undefined of an empty queue. */
  take(): T | undefined {
    const priority = this.#next();
    if (priority === undefined) return undefined;
    this.#credit[priority] -= 1;
    const item = this.#lanes[priority].take();
    if (item !== undefined) this.#places.delete(item);
    return item;
  }

  /** False if it was not there. */
  remove(item: T): boolean {
    const priority = this.#places.get(item);
    if (priority === undefined) return false;
    this.#places.delete(item);
    return this.#lanes[priority].remove(item);
  }

  /**
   * Removes the one that has to give way to a newcomer: of the least important priority below the newcomer's, or else of the same one,
   * from a tenant that has more of the queue than the newcomer's will have; there the last that came. Undefined if nobody has to: a
   * tenant that fills the queue cannot keep the others out of it.
   */
  giveWay(tenant: string, priority: Priority): T | undefined {
    for (const lower of PRIORITIES.slice(PRIORITIES.indexOf(priority) + 1).reverse()) {
      const last = this.#lanes[lower].lastOfLongest();
      if (last !== undefined) return this.#removed(last.item);
    }
    const lane = this.#lanes[priority];
    const last = lane.lastOfLongest();
    return last !== undefined && last.load > lane.loadOf(tenant) + 1 ? this.#removed(last.item) : undefined;
  }

  #removed(item: T): T {
    this.remove(item);
    return item;
  }

  /** The highest priority that has somebody waiting and a turn left; when none has, the turns begin anew. */
  #next(): Priority | undefined {
    const waiting = PRIORITIES.filter((priority) => this.#lanes[priority].size > 0);
    const withTurn = waiting.find((priority) => this.#credit[priority] > 0);
    if (withTurn !== undefined) return withTurn;
    Object.assign(this.#credit, PRIORITY_TURNS);
    return waiting[0];
  }
}
