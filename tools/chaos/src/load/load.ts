import { type Client, createClient } from '@mainstay/client';
import { retry } from '@mainstay/utils';
import type { Random } from '../random.ts';
import { evenNow } from '../steps/step-lines.ts';
import { type ChaosPipeline, type Ending, PIPELINES, POISON } from './pipelines.ts';

/** A run that the platform has accepted: it answered with 202. */
export interface AcceptedRun {
  readonly id: string;
  readonly pipeline: string;
  readonly ends: Ending;
  readonly at: number;
  endedAt?: number;
  status?: string;
}

/** A submission may be repeated for so long: longer than any outage here. */
const DEADLINE_MS = 90_000;

/** Users: they submit runs, await their ends, and remember what they were promised. */
export class Load {
  readonly accepted: AcceptedRun[] = [];
  /** Submissions that were given up, with the reason. */
  readonly refused: string[] = [];
  readonly #client: Client;
  readonly #url: string;
  readonly #key: string;
  readonly #random: Random;
  readonly #choices: readonly ChaosPipeline[];
  readonly #under = new Set<Promise<void>>();
  #stopped = false;

  constructor(url: string, key: string, random: Random) {
    this.#client = createClient({ url, key, deadlineMs: DEADLINE_MS, requestTimeoutMs: 5_000, silenceMs: 20_000, recheckMs: 5_000 });
    this.#url = url;
    this.#key = key;
    this.#random = random;
    this.#choices = PIPELINES.flatMap((pipeline) => Array.from({ length: pipeline.weight }, () => pipeline));
  }

  async define(): Promise<void> {
    for (const { definition } of [...PIPELINES, ...Object.values(POISON)]) {
      const put = () =>
        fetch(`${this.#url}/api/v1/pipelines/${definition.name}`, {
          method: 'PUT',
          headers: { authorization: `Bearer ${this.#key}`, 'content-type': 'application/json' },
          body: JSON.stringify(definition),
        });
      // On a busy machine the front may give up a connection meanwhile; the same definition twice is one.
      const response = await retry(put, { name: `putting ${definition.name}`, maxAttempts: 5, shouldRetry: () => true });
      if (!response.ok) throw new Error(`pipeline ${definition.name} was refused: ${await response.text()}`);
    }
  }

  /** Keeps so many runs under way until {@link stop}. */
  keep(inFlight: number): void {
    for (let lane = 0; lane < inFlight; lane++) this.#track(this.#lane());
  }

  /** Submits a run; what comes of it is noted. */
  async submit(pipeline: ChaosPipeline, onAccepted: (id: string) => void = () => undefined): Promise<void> {
    const { name } = pipeline.definition;
    try {
      const { id } = await this.#client.submit({ pipeline: name, input: {} });
      const run: AcceptedRun = { id, pipeline: name, ends: pipeline.ends, at: evenNow() };
      this.accepted.push(run);
      onAccepted(id);
      const { status } = await this.#client.result(id);
      run.status = status;
      run.endedAt = evenNow();
    } catch (error) {
      if (!this.#stopped) this.refused.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Many runs at once; resolves when all of them have ended. */
  async flood(count: number): Promise<void> {
    const [chain] = PIPELINES;
    if (chain !== undefined) await Promise.all(Array.from({ length: count }, () => this.submit(chain)));
  }

  /** As `submit`, without waiting for the end: resolves with the id, or with nothing when it was not accepted. */
  begin(pipeline: ChaosPipeline): Promise<string | undefined> {
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    this.#track(this.submit(pipeline, resolve).finally(() => resolve(undefined)));
    return promise;
  }

  /** No new runs from now on. Resolves when all have ended, or the time is over. */
  async drain(timeoutMs: number): Promise<void> {
    this.#stopped = true;
    const timeout = AbortSignal.timeout(timeoutMs);
    await Promise.race([Promise.all(this.#under), new Promise((resolve) => timeout.addEventListener('abort', resolve))]);
  }

  async close(): Promise<void> {
    this.#stopped = true;
    await this.#client.close();
  }

  async #lane(): Promise<void> {
    while (!this.#stopped) await this.submit(this.#random.pick(this.#choices));
  }

  #track(work: Promise<void>): void {
    this.#under.add(work);
    void work.finally(() => this.#under.delete(work));
  }
}
