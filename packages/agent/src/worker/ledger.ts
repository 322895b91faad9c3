import type { TaskMessage } from '@mainstay/types';
import type { Receipt } from '@mainstay/transport';

/** Tasks whose fences are remembered. */
const MAX_SEEN = 10_000;

/**
 * What to do with a delivery: do it; ignore it because this very entry is in hand; drop it because the same attempt came
 * before, or a newer one did.
 */
export type Verdict = 'new' | 'in-hand' | 'duplicate' | 'stale';

/** Remembers which entries are in hand, and the highest fence of each task seen lately. */
export class Ledger {
  readonly #inHand = new Set<string>();
  readonly #fences = new Map<string, number>();

  /** Judges a delivery; a new one is in hand from then on. */
  admit(task: TaskMessage, receipt: Receipt): Verdict {
    const entry = entryKey(receipt);
    if (this.#inHand.has(entry)) return 'in-hand';
    this.#inHand.add(entry);
    const key = taskKey(task);
    const seen = this.#fences.get(key) ?? 0;
    if (task.fence <= seen) return task.fence === seen ? 'duplicate' : 'stale';
    this.#fences.delete(key);
    this.#fences.set(key, task.fence);
    if (this.#fences.size > MAX_SEEN) this.#forgetOldest();
    return 'new';
  }

  /** The entry has been acknowledged. */
  release(receipt: Receipt): void {
    this.#inHand.delete(entryKey(receipt));
  }

  #forgetOldest(): void {
    for (const key of this.#fences.keys()) {
      this.#fences.delete(key);
      return;
    }
  }
}

/** Names a task across its attempts. */
export function taskKey({ run, task }: { readonly run: string; readonly task: string }): string {
  return `${run}/${task}`;
}

function entryKey({ lane, entry }: Receipt): string {
  return `${lane} ${entry}`;
}
