import type { Store } from '../store.ts';
import type { Database } from './database.ts';
import { outstanding } from './sql/sweep.ts';

type OutstandingRow = Awaited<ReturnType<Store['outstanding']>>[number];
type Counts = ReadonlyMap<string, OutstandingRow>;

interface PageRow {
  readonly runs: number;
  readonly last: string | null;
  readonly agent: string | null;
  readonly dispatched: number;
  readonly running: number;
  readonly oldest_at: number | null;
}

/** Runs that are looked at per call. */
const PAGE = 5_000;

/**
 * Outstanding attempts by agent kind, from the documents of unfinished runs. Up to 5,000 runs they are counted afresh by every call.
 * Of more, each call looks at the next 5,000, and the answer is that of the last full round (of the first one, as far as it has come):
 * the cost of a call has a bound, whatever there is to do.
 */
export class OutstandingScan {
  readonly #database: Database;
  readonly #page: number;
  /** The run to go on after. */
  #after: string | null = null;
  #counted: Counts = new Map();
  #whole: Counts | undefined;

  constructor(database: Database, page = PAGE) {
    this.#database = database;
    this.#page = page;
  }

  async read(): Promise<readonly OutstandingRow[]> {
    const after = this.#after;
    const rows = await this.#database.query<PageRow>(outstanding, [after, this.#page]);
    const counted = added(after === null ? new Map() : this.#counted, rows);
    const [page] = rows;
    const isLast = (page?.runs ?? 0) < this.#page;
    this.#after = isLast ? null : (page?.last ?? null);
    this.#counted = counted;
    if (isLast) this.#whole = counted;
    return [...(this.#whole ?? counted).values()].sort((a, b) => (a.agent < b.agent ? -1 : 1));
  }
}

function added(counts: Counts, rows: readonly PageRow[]): Counts {
  const sum = new Map(counts);
  for (const { agent, dispatched, running, oldest_at: oldest } of rows) {
    if (agent === null) continue;
    const earlier = sum.get(agent);
    const oldestAt = Math.min(earlier?.oldestAt ?? Infinity, oldest ?? Infinity);
    sum.set(agent, {
      agent,
      dispatched: dispatched + (earlier?.dispatched ?? 0),
      running: running + (earlier?.running ?? 0),
      ...(oldestAt < Infinity && { oldestAt }),
    });
  }
  return sum;
}
