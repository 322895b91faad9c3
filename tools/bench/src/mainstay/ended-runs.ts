import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Pause between two looks while runs are awaited. */
const LOOK_MS = 5;

/**
 * Tells when runs have ended on disk, by looking for all awaited ones at once. The API has a stream per run only, which
 * costs more than many short runs themselves.
 */
export class EndedRuns {
  readonly #client: Client;
  readonly #waiting = new Map<string, Waiting>();
  #looking = false;

  private constructor(client: Client) {
    this.#client = client;
  }

  static async connect(databaseUrl: string): Promise<EndedRuns> {
    const client = new Client({ connectionString: databaseUrl });
    await client.connect();
    return new EndedRuns(client);
  }

  /** Resolves when the run has succeeded; rejects when it ended otherwise. */
  succeeded(run: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(run, { resolve, reject });
      if (this.#looking) return;
      this.#looking = true;
      this.#look().catch((error: unknown) => {
        const cause = error instanceof Error ? error : new Error(String(error));
        for (const waiting of this.#waiting.values()) waiting.reject(cause);
      });
    });
  }

  /** How many runs of the pipeline have succeeded. */
  async count(pipeline: string): Promise<number> {
    const { rows } = await this.#client.query<{ n: number }>({
      name: 'succeeded',
      text: `select count(*)::int as n from runs where pipeline = $1 and status = 'succeeded'`,
      values: [pipeline],
    });
    return rows[0]?.n ?? 0;
  }

  close(): Promise<void> {
    return this.#client.end();
  }

  async #look(): Promise<void> {
    while (this.#waiting.size > 0) {
      await delay(LOOK_MS);
      const { rows } = await this.#client.query<{ id: string; status: string }>({
        name: 'ended',
        text: `select id, status from runs where id = any($1::uuid[]) and status in ('succeeded', 'failed', 'cancelled')`,
        values: [[...this.#waiting.keys()]],
      });
      for (const { id, status } of rows) {
        const waiting = this.#waiting.get(id);
        this.#waiting.delete(id);
        if (status === 'succeeded') waiting?.resolve();
        else waiting?.reject(new Error(`The run ${id} ended as ${status}`));
      }
    }
    this.#looking = false;
  }
}
