/** An entry that a process read and did not acknowledge. */
interface Pending {
  readonly frame: string;
  readonly owner: string;
}

/** One lane: frames that wait, in order, and frames that somebody read. */
export class MemoryStream {
  readonly #waiting = new Map<string, string>();
  readonly #pending = new Map<string, Pending>();
  readonly #readers = new Set<string>();

  get waiting(): number {
    return this.#waiting.size;
  }

  get pending(): number {
    return this.#pending.size;
  }

  /** Who ever read here and was not forgotten. */
  get readers(): readonly string[] {
    return [...this.#readers];
  }

  /** Forgets a reader that holds nothing. */
  forget(owner: string): void {
    if (this.pendingOf((name) => name === owner).length === 0) this.#readers.delete(owner);
  }

  add(entry: string, frame: string): void {
    this.#waiting.set(entry, frame);
  }

  /** Moves up to `max` waiting frames to the owner, oldest first. */
  take(owner: string, max: number): readonly (readonly [entry: string, frame: string])[] {
    this.#readers.add(owner);
    const taken: (readonly [string, string])[] = [];
    for (const item of this.#waiting) {
      if (taken.length >= max) break;
      taken.push(item);
      this.#waiting.delete(item[0]);
      this.#pending.set(item[0], { frame: item[1], owner });
    }
    return taken;
  }

  /** Removes an entry; one that is gone already is no fault. */
  remove(entry: string): void {
    this.#pending.delete(entry);
    this.#waiting.delete(entry);
  }

  /** What the owners for which `isOwner` holds have read and not acknowledged, in the order in which it was read. */
  pendingOf(isOwner: (name: string) => boolean): readonly (readonly [entry: string, frame: string])[] {
    const found: (readonly [string, string])[] = [];
    for (const [entry, { frame, owner }] of this.#pending) if (isOwner(owner)) found.push([entry, frame]);
    return found;
  }

  /** Gives a pending entry to another owner. */
  give(entry: string, owner: string): void {
    const pending = this.#pending.get(entry);
    if (pending !== undefined) this.#pending.set(entry, { frame: pending.frame, owner });
  }
}
