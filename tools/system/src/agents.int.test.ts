import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { ApiClient } from './api-client.ts';
import { System } from './system.ts';

jest.setTimeout(180_000);

const KINDS = 'noop,sleep,fail,echo-context,crash,hang,hog,garbage,ask';
const FAST = { MAINSTAY_HEARTBEAT_MS: '300', MAINSTAY_LEASE_MS: '1500', MAINSTAY_MAX_OUTPUT_BYTES: '20kb' };

let system: System;
let api: ApiClient;
let release: (() => Promise<void>)[] = [];

beforeAll(async () => {
  system = await System.start();
  ({ api } = await system.orchestrator({ env: FAST }));
  const env = { ...FAST, MAINSTAY_WORKER_KINDS: KINDS, NODE_OPTIONS: '--max-old-space-size=120' };
  release = await Promise.all([system.keepWorker(api, env), system.keepWorker(api, env)]);
});
afterAll(async () => {
  await Promise.all(release.map((stop) => stop()));
  await system.close();
});

let count = 0;

/** Runs a pipeline of one stage to its end. */
async function single(stage: Readonly<Record<string, unknown>>) {
  const name = `single-${++count}`;
  const definition = { name, stages: [{ id: 'only', ...stage }] };
  await api.put(definition);
  return api.ended(await api.submit(name), 90_000);
}

const deadLetters = async (run: string): Promise<{ error: { code: string }; losses: number }[]> =>
  (
    await api.json<{ items: { run: string; error: { code: string }; losses: number }[] }>('GET', '/api/v1/dead-letters?limit=100')
  ).items.filter((letter) => letter.run === run);

describe('an agent that', () => {
  test('returns what its schema does not allow fails its task for good, with the evidence', async () => {
    const run = await single({ agent: 'garbage' });
    expect([run.status, run.error?.code, run.tasks[0]?.status, run.tasks[0]?.error?.code]).toEqual([
      'failed',
      'RUN_FAILED',
      'dead',
      'AGENT_OUTPUT_INVALID',
    ]);
    expect((await deadLetters(run.id)).map(({ error }) => error.code)).toEqual(['AGENT_OUTPUT_INVALID']);
  });

  test('kills its worker once is run again on another one', async () => {
    const run = await single({ agent: 'crash', input: { times: 1 } });
    expect([run.status, run.tasks[0]?.attempt]).toEqual(['succeeded', 2]);
  });

  test('kills every worker ends in the dead letters, and the fleet goes on', async () => {
    const run = await single({ agent: 'crash', input: { times: 99 }, retry: { maxLosses: 1 } });
    expect([run.status, run.tasks[0]?.error?.code]).toEqual(['failed', 'WORKER_LOST']);
    expect((await deadLetters(run.id)).map(({ losses }) => losses)).toEqual([2]);
    expect((await single({ agent: 'noop' })).status).toBe('succeeded');
  });

  test('blocks its worker past the lease is run again elsewhere, and its late result does not count', async () => {
    const run = await single({ agent: 'hang', input: { ms: 4_000, times: 1 } });
    expect([run.status, run.tasks[0]?.attempt, run.tasks[0]?.output]).toEqual(['succeeded', 2, { hungMs: 0, attempt: 2 }]);
  });

  test('runs its worker out of memory is run again, and given up when it does so each time', async () => {
    const once = await single({ agent: 'hog', input: { maxBytes: 1_000_000_000, times: 1 } });
    expect([once.status, once.tasks[0]?.attempt]).toEqual(['succeeded', 2]);
    const always = await single({ agent: 'hog', input: { maxBytes: 1_000_000_000, times: 99 }, retry: { maxLosses: 0 } });
    expect([always.status, always.tasks[0]?.error?.code]).toEqual(['failed', 'WORKER_LOST']);
  });

  test('gets an input that its schema does not allow is not run at all', async () => {
    const run = await single({ agent: 'sleep', input: { ms: 'long' } });
    expect([run.status, run.tasks[0]?.error?.code]).toEqual(['failed', 'AGENT_INPUT_INVALID']);
  });

  test('returns more than the limit fails with a clear error', async () => {
    const run = await single({ agent: 'noop', input: { text: 'x'.repeat(30_000) } });
    expect([run.status, run.tasks[0]?.error?.code]).toEqual(['failed', 'AGENT_OUTPUT_TOO_LARGE']);
  });

  test('fails is retried, and fails its run when its attempts are used up', async () => {
    const retry = { baseMs: 10, jitter: 'none' };
    expect((await single({ agent: 'fail', input: { times: 3, code: 'NETWORK_FAILED' }, retry })).tasks[0]?.output).toEqual({ attempt: 4 });
    expect((await single({ agent: 'fail', input: { times: 4, code: 'NETWORK_FAILED' }, retry })).tasks[0]?.error?.code).toBe(
      'NETWORK_FAILED',
    );
  });

  test('asks waits for the answer, and gets the default one when nobody answers', async () => {
    await api.put({ name: 'asking', stages: [{ id: 'only', agent: 'ask', input: { question: 'Go?', options: ['yes', 'no'] } }] } as {
      name: string;
    });
    const id = await api.submit('asking');
    await api.until(id, ({ status }) => status === 'waiting');
    const { items } = await api.json<{ items: { id: string; run: string }[] }>('GET', '/api/v1/decisions?status=open');
    const decision = items.find(({ run }) => run === id);
    const answer = (value: string) => api.request('POST', `/api/v1/decisions/${decision?.id ?? ''}`, { answer: value });
    expect((await answer('perhaps')).status).toBe(400);
    expect((await answer('yes')).ok).toBe(true);
    expect((await api.ended(id)).output).toEqual({ only: { answer: 'yes' } });
    const twice = await answer('no');
    expect([twice.status, await twice.json()]).toMatchObject([409, { code: 'DECISION_ALREADY_MADE' }]);
    const expired = await single({ agent: 'ask', input: { question: 'Go?', timeoutMs: 100, default: 'later' } });
    expect(expired.output).toEqual({ only: { answer: 'later' } });
  });
});
