/** A lane counts as busy when one of so many reads that brought something last had something of it. */
const REMEMBERED_READS = 32;
/** A read that finds all lanes filled brings at most so many entries, or as many as are wanted when these are more. */
const MAX_BROUGHT = 4_096;

/**
 * How many entries a blocking read asks of each lane; the server takes one number for all. It is the share of a busy lane, so that a
 * reader of many lanes, of which few have something, still gets all that it wants at once. Lanes that become busy
 * at the same time bring more than that once, and count from then on.
 */
export class LaneShares {
  /** The number of the read that last brought something of a lane. */
  readonly #lastRead = new Map<string, number>();
  #reads = 0;

  /** At least 1. While nothing is known, the same for all lanes. */
  of(lanes: readonly string[], max: number): number {
    const known = this.#lastRead.size;
    const fair = Math.floor(max / lanes.length);
    const wanted = known === 0 ? fair : Math.floor(max / known);
    const bound = Math.max(fair, Math.floor(MAX_BROUGHT / lanes.length));
    return Math.max(1, Math.min(wanted, bound));
  }

  /** A read brought something of these lanes; of none, if they were empty. */
  brought(lanes: readonly string[]): void {
    if (lanes.length === 0) return;
    this.#reads += 1;
    for (const lane of lanes) this.#lastRead.set(lane, this.#reads);
    for (const [lane, read] of this.#lastRead) if (this.#reads - read >= REMEMBERED_READS) this.#lastRead.delete(lane);
  }
}
