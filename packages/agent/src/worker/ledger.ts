import type { TaskMessage } from '@mainstay/types';
import type { Receipt } from '@mainstay/transport';

/** So many tasks' fences are remembered at least, and twice as many at most. */
const MIN_SEEN = 10_000;

/**
 * What to do with a delivery: do it; ignore it because this very entry is in hand; drop it because the same attempt came
 * before, or a newer one did.
 */
export type Verdict = 'new' | 'in-hand' | 'duplicate' | 'stale';

/** Remembers which entries are in hand, and the highest fence of each task seen lately. */
export class Ledger {
  /** Entries by lane. */
  readonly #inHand = new Map<string, Set<string>>();
  /** Fences by task: those of late, and those of the generation before, which is forgotten as a whole. */
  #fences = new Map<string, number>();
  #olderFences = new Map<string, number>();

  /** Judges a delivery of the task named by {@link taskKey}; a new one is in hand from then on. */
  admit(key: string, { fence }: TaskMessage, receipt: Receipt): Verdict {
    const entries = this.#entries(receipt.lane);
    const before = entries.size;
    if (entries.add(receipt.entry).size === before) return 'in-hand';
    const seen = this.#fences.get(key) ?? this.#olderFences.get(key) ?? 0;
    if (fence <= seen) return fence === seen ? 'duplicate' : 'stale';
    this.#remember(key, fence);
    return 'new';
  }

  /** The entry has been acknowledged. */
  release({ lane, entry }: Receipt): void {
    this.#inHand.get(lane)?.delete(entry);
  }

  #entries(lane: string): Set<string> {
    const known = this.#inHand.get(lane);
    if (known !== undefined) return known;
    const entries = new Set<string>();
    this.#inHand.set(lane, entries);
    return entries;
  }

  #remember(key: string, fence: number): void {
    if (this.#fences.size >= MIN_SEEN) {
      this.#olderFences = this.#fences;
      this.#fences = new Map();
    }
    this.#fences.set(key, fence);
  }
}

/** Names a task across its attempts. */
export function taskKey({ run, task }: { readonly run: string; readonly task: string }): string {
  return `${run}/${task}`;
}
