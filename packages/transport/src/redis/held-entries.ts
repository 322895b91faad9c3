import { entryId } from '../receipts.ts';
import type { Receipt } from '../transport.ts';

/** A set of entries of lanes. */
export class HeldEntries {
  readonly #byLane = new Map<string, Set<string>>();

  add(receipt: Receipt): void {
    const held = this.#byLane.get(receipt.lane);
    if (held === undefined) this.#byLane.set(receipt.lane, new Set([entryId(receipt)]));
    else held.add(entryId(receipt));
  }

  delete(receipt: Receipt): void {
    this.#byLane.get(receipt.lane)?.delete(entryId(receipt));
  }

  has(lane: string, id: string): boolean {
    return this.#byLane.get(lane)?.has(id) === true;
  }
}
