import { readClock } from './sql/cluster.ts';
import type { Database } from './database.ts';

/** How often the offset to the database's clock is measured. */
const EVERY_MS = 60_000;
/** Of so many measurements the one with the shortest round trip counts. */
const SAMPLES = 3;

/** The database's clock, estimated from this process's monotonic one; never goes back. */
export class ServerClock {
  readonly #database: Database;
  readonly #monotonic: () => number;
  /** Until the first measurement: the machine's clock. */
  #offsetMs: number;
  #last = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(database: Database, monotonic: () => number = () => performance.now()) {
    this.#database = database;
    this.#monotonic = monotonic;
    this.#offsetMs = Date.now() - monotonic();
  }

  /** Whole milliseconds since 1970. */
  now(): number {
    return (this.#last = Math.max(this.#last, Math.floor(this.#monotonic() + this.#offsetMs)));
  }

  /** Measures now, and then every minute until {@link stop}. A failed measurement leaves the last one in place. */
  async start(): Promise<void> {
    await this.#measure();
    this.#timer ??= setInterval(() => void this.#measure().catch(() => undefined), EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #measure(): Promise<void> {
    let best = Infinity;
    for (let sample = 0; sample < SAMPLES; sample++) {
      const before = this.#monotonic();
      const [row] = await this.#database.query<{ now: number }>(readClock);
      const after = this.#monotonic();
      if (row === undefined || after - before >= best) continue;
      best = after - before;
      this.#offsetMs = row.now - (before + after) / 2;
    }
  }
}
