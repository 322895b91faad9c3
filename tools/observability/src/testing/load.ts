import { setTimeout as wait } from 'node:timers/promises';
import type { ApiClient } from '@mainstay/system';

const PIPELINES = [
  {
    name: 'chain',
    stages: [
      { id: 'a', agent: 'noop' },
      { id: 'b', agent: 'sleep', needs: ['a'], input: { ms: 20 } },
    ],
  },
  { name: 'retried', stages: [{ id: 'a', agent: 'fail', input: { times: 1 }, retry: { maxAttempts: 3, baseMs: 10 } }] },
  { name: 'fails', stages: [{ id: 'a', agent: 'fail', input: { times: 9 }, retry: { maxAttempts: 1 } }] },
  { name: 'calls', stages: [{ id: 'a', agent: 'call', input: { name: 'search' } }] },
  { name: 'models', stages: [{ id: 'a', agent: 'call', input: { name: 'model.chat', failures: 1 } }] },
  { name: 'breaks', stages: [{ id: 'a', agent: 'call', input: { name: 'broken', failures: 99 }, retry: { maxAttempts: 1 } }] },
  { name: 'deaf', stages: [{ id: 'a', agent: 'call', input: { name: 'deaf', deafMs: 4_000, timeoutMs: 100 }, retry: { maxAttempts: 1 } }] },
  { name: 'asks', stages: [{ id: 'a', agent: 'ask', input: { question: 'go on?' } }] },
  { name: 'empty', output: null, stages: [{ id: 'a', agent: 'noop' }] },
  { name: 'long', stages: [{ id: 'a', agent: 'sleep', input: { ms: 1_200 } }] },
  { name: 'unserved', stages: [{ id: 'a', agent: 'nobody' }] },
  { name: 'queues', concurrency: 1, stages: [{ id: 'a', agent: 'sleep', input: { ms: 1_500 } }] },
] as const;

/** Whether the expression is above 0 for whoever watches the system. */
export type Seen = (expr: string) => Promise<boolean>;

/** What an emergency moves. */
const OF_AN_EMERGENCY = [
  'sum(mainstay_emergency{service="agents"})',
  'sum(rate(mainstay_emergencies_total[5s]))',
  'sum(rate(mainstay_submissions_shed_total[5s]))',
];
const SEEN_WITHIN_MS = 30_000;

/** Work and mishaps of every kind, over and over, until it is ended. A system that is away is no reason to stop. */
export class Load {
  /** Of some of its requests. */
  readonly traceId = '0af7651916cd43dd8448eb211c80319c';
  readonly #api: ApiClient;
  readonly #key: string;
  readonly #seen: Seen;
  readonly #stop = new AbortController();
  #rounds: Promise<void> | undefined;
  #stream: Promise<unknown> | undefined;

  private constructor(api: ApiClient, key: string, seen: Seen) {
    this.#api = api;
    this.#key = key;
    this.#seen = seen;
  }

  /** `key`: one of the database's. */
  static async begin(api: ApiClient, key: string, seen: Seen): Promise<Load> {
    const load = new Load(api, key, seen);
    for (const pipeline of PIPELINES) await api.put(pipeline);
    await load.#once();
    load.#rounds = load.#repeat();
    return load;
  }

  async end(): Promise<void> {
    this.#stop.abort();
    await this.#rounds;
    await this.#stream;
  }

  /** What leaves its traces when it is done once. */
  async #once(): Promise<void> {
    for (const name of ['deaf', 'unserved', 'queues', 'queues', ...Array.from({ length: 12 }, () => 'breaks')])
      await this.#api.submit(name);
    this.#stream = this.#quietly(() => this.#follow());
    const emergency = '/api/v1/admin/emergency';
    // what rises is seen by who looked before
    await this.#until(['sum(up) == 2'], () => Promise.resolve());
    await this.#api.request('POST', emergency, { active: true, reason: 'a test' });
    await this.#until(OF_AN_EMERGENCY, () => this.#api.request('POST', '/api/v1/runs', { pipeline: 'chain', input: {}, priority: -50 }));
    await this.#api.request('DELETE', emergency, { reason: 'a test' });
  }

  /** Works on until each of the expressions has been seen. A machine that is busy looks late. */
  async #until(expressions: readonly string[], work: () => Promise<unknown>): Promise<void> {
    const end = performance.now() + SEEN_WITHIN_MS;
    let left = expressions;
    while (left.length > 0 && performance.now() < end) {
      await work();
      await wait(500);
      const seen = await Promise.all(left.map((expr) => this.#seen(expr)));
      left = left.filter((_expr, at) => seen[at] !== true);
    }
  }

  /** Events of a run that waits for an answer, until the end. */
  async #follow(): Promise<void> {
    const run = await this.#api.submit('asks');
    const headers = { authorization: `Bearer ${this.#api.key}`, accept: 'text/event-stream' };
    const response = await fetch(`${this.#api.url}/api/v1/runs/${run}/events?follow=true`, { headers, signal: this.#stop.signal });
    for await (const _part of response.body ?? []) if (this.#stop.signal.aborted) return;
  }

  async #repeat(): Promise<void> {
    const { signal } = this.#stop;
    for (let round = 0; !signal.aborted; round++) {
      // what happens once is seen by no rate: the series begins with it
      if (round % 25 === 10) await this.#quietly(() => this.#api.submit('deaf'));
      if (round % 25 === 15) for (const name of ['queues', 'queues']) await this.#quietly(() => this.#api.submit(name));
      if (round % 25 === 20)
        await this.#quietly(() => this.#api.request('POST', '/api/v1/maintenance/retention', { olderThanMs: 1, limit: 5 }));
      await Promise.all([
        ...['chain', 'chain', 'retried', 'fails', 'calls', 'models', 'empty', 'long'].map((name) =>
          this.#quietly(() => this.#api.submit(name)),
        ),
        this.#quietly(() => this.#get('nobody')),
        this.#quietly(() => this.#get(this.#key)),
        this.#quietly(() => this.#api.request('GET', '/api/v1/nothing')),
        this.#quietly(() =>
          this.#api.request('GET', '/api/v1/agents', undefined, { traceparent: `00-${this.traceId}-b7ad6b7169203331-01` }),
        ),
      ]);
      await wait(200);
    }
  }

  #get(key: string): Promise<Response> {
    return fetch(`${this.#api.url}/api/v1/agents`, { headers: { authorization: `Bearer ${key}` }, signal: AbortSignal.timeout(5_000) });
  }

  async #quietly(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch {
      // It is away: that is what the test does to it.
    }
  }
}
