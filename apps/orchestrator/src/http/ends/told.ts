import type { RunEnd } from '../../store/store.ts';

/** Remembers the last ends that were told, up to a number. A run that is retried ends again, at another time. */
export class Told {
  readonly #at = new Map<string, number>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  /** Those that were not told before; they are from now on. */
  fresh(ends: readonly RunEnd[]): readonly RunEnd[] {
    const unseen = ends.filter((end) => this.#isFresh(end));
    while (this.#at.size > this.#max) {
      const oldest = this.#at.keys().next();
      if (oldest.done === true) break;
      this.#at.delete(oldest.value);
    }
    return unseen;
  }

  #isFresh({ run, at }: RunEnd): boolean {
    if (this.#at.get(run) === at) return false;
    this.#at.delete(run);
    this.#at.set(run, at);
    return true;
  }
}
