import type { RunEnd } from '../../store/store.ts';

/**
 * Remembers the last ends that were told: at least half of `max`, at most `max`. A run that is retried ends again, at another
 * time. Kept in two generations, of which the older is dropped as a whole: removing the oldest entries of a Map one by one is
 * slow, since it walks over those removed before.
 */
export class Told {
  readonly #half: number;
  #young = new Map<string, number>();
  #old = new Map<string, number>();

  constructor(max: number) {
    this.#half = Math.max(1, Math.floor(max / 2));
  }

  /** Those that were not told before; they are from now on. */
  fresh(ends: readonly RunEnd[]): readonly RunEnd[] {
    return ends.filter((end) => this.#isFresh(end));
  }

  #isFresh({ run, at }: RunEnd): boolean {
    if ((this.#young.get(run) ?? this.#old.get(run)) === at) return false;
    if (this.#young.size >= this.#half) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(run, at);
    return true;
  }
}
