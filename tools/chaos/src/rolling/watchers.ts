import type { Client } from '@mainstay/client';

/** Users who watch runs while they go on. */
export class Watchers {
  /** Runs that were watched to their end, each event once and in order. */
  whole = 0;
  readonly problems: string[] = [];
  readonly #client: Client;
  readonly #pipeline: string;
  readonly #lanes: Promise<void>[] = [];
  #stopped = false;

  constructor(client: Client, pipeline: string) {
    this.#client = client;
    this.#pipeline = pipeline;
  }

  start(count: number): void {
    for (let lane = 0; lane < count; lane++) this.#lanes.push(this.#watch());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#lanes);
  }

  async #watch(): Promise<void> {
    while (!this.#stopped) {
      try {
        const { id } = await this.#client.submit({ pipeline: this.#pipeline, input: {} });
        await this.#follow(id);
      } catch (error) {
        this.problems.push(error instanceof Error ? error.message : String(error));
      }
    }
  }

  async #follow(id: string): Promise<void> {
    let seq = 0;
    let type = '';
    for await (const event of this.#client.events(id)) {
      if (event.seq !== seq + 1) this.problems.push(`run ${id}: event ${String(event.seq)} came after ${String(seq)}`);
      ({ seq, type } = event);
    }
    if (type === 'run.succeeded') this.whole += 1;
    else this.problems.push(`run ${id}: the stream ended with ${type}`);
  }
}
