import type { OperationFacts } from '../health/components.ts';

/** Facts are of the last minute, in slots of ten seconds. */
const SLOT_MS = 10_000;
const SLOTS = 6;
/** Bucket i holds times up to 2^(i/2) ms: four hours in all, each at most 41 % beside the truth. */
const BUCKETS = 48;

interface Slot {
  number: number;
  operations: number;
  failed: number;
  refused: number;
  readonly buckets: Uint32Array;
}

/** How operations went in the last minute; recording costs some ten nanoseconds and no memory. */
export class OperationStats {
  readonly #slots: Slot[] = Array.from({ length: SLOTS }, () => ({
    ...{ number: -1, operations: 0, failed: 0, refused: 0 },
    buckets: new Uint32Array(BUCKETS),
  }));

  /** `nowMs`: of a clock that never goes back. */
  ended(nowMs: number, tookMs: number, failed: boolean): void {
    const slot = this.#slotAt(nowMs);
    slot.operations += 1;
    if (failed) slot.failed += 1;
    const bucket = tookMs <= 1 ? 0 : Math.min(BUCKETS - 1, Math.ceil(2 * Math.log2(tookMs)));
    slot.buckets[bucket] = (slot.buckets[bucket] ?? 0) + 1;
  }

  refused(nowMs: number): void {
    this.#slotAt(nowMs).refused += 1;
  }

  facts(nowMs: number): OperationFacts {
    const oldest = Math.floor(nowMs / SLOT_MS) - SLOTS;
    const recent = this.#slots.filter(({ number }) => number > oldest);
    const sum = (of: (slot: Slot) => number) => recent.reduce((total, slot) => total + of(slot), 0);
    const operations = sum((slot) => slot.operations);
    const failed = sum((slot) => slot.failed);
    return { operations, failed, refused: sum((slot) => slot.refused), p95Ms: percentile(recent, operations, 0.95) };
  }

  #slotAt(nowMs: number): Slot {
    const number = Math.floor(nowMs / SLOT_MS);
    const slot = this.#slots[((number % SLOTS) + SLOTS) % SLOTS];
    if (slot === undefined) throw new RangeError('there is a slot for every moment');
    if (slot.number !== number) {
      Object.assign(slot, { number, operations: 0, failed: 0, refused: 0 });
      slot.buckets.fill(0);
    }
    return slot;
  }
}

/** Upper bound of the bucket in which the percentile lies; 0 of nothing. */
function percentile(slots: readonly Slot[], count: number, share: number): number {
  if (count === 0) return 0;
  const wanted = Math.ceil(count * share);
  let seen = 0;
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    for (const { buckets } of slots) seen += buckets[bucket] ?? 0;
    if (seen >= wanted) return 2 ** (bucket / 2);
  }
  return 2 ** ((BUCKETS - 1) / 2);
}
