import { describe, expect, test } from '@jest/globals';
import { runTask } from '../testing/in-memory.ts';
import { EchoContext } from './echo-context.ts';
import { Fail } from './fail.ts';
import { Ask } from './fault/ask.ts';
import { Call } from './fault/call.ts';
import { Crash } from './fault/crash.ts';
import { Garbage } from './fault/garbage.ts';
import { Hang } from './fault/hang.ts';
import { Hog } from './fault/hog.ts';
import { Noop } from './noop.ts';
import { Sleep } from './sleep.ts';

describe('noop', () => {
  test('returns its input', async () => {
    expect((await runTask(new Noop(), { any: ['thing', 1] })).outcome).toEqual({ status: 'succeeded', output: { any: ['thing', 1] } });
  });
});

describe('sleep', () => {
  test('sleeps in steps and says how many', async () => {
    expect((await runTask(new Sleep(), { ms: 30, stepMs: 10 })).outcome).toEqual({
      status: 'succeeded',
      output: { sleptMs: 30, resumedFromMs: 0, steps: 3 },
    });
  });

  test('goes on from its checkpoint', async () => {
    const { outcome } = await runTask(new Sleep(), { ms: 3_600_000, stepMs: 10 }, { restored: { doneMs: 3_599_985 } });
    expect(outcome).toEqual({ status: 'succeeded', output: { sleptMs: 15, resumedFromMs: 3_599_985, steps: 2 } });
  });

  test('hands itself back with a checkpoint as soon as the worker drains', async () => {
    const result = await runTask(new Sleep(), { ms: 3_600_000, stepMs: 1_800_000 }, {}, async ({ orchestrator, drain }) => {
      await orchestrator.message(({ type }) => type === 'report');
      await drain();
    });
    expect(result).toMatchObject({ outcome: { status: 'suspended' }, checkpoint: { doneMs: expect.any(Number) } });
  });

  test.each([[{}], [{ ms: -1 }], [{ ms: 1.5 }], [{ ms: 10, stepMs: 0 }], ['soon']])('refuses the input %j', async (input) => {
    expect((await runTask(new Sleep(), input)).outcome).toMatchObject({ error: { code: 'AGENT_INPUT_INVALID' } });
  });
});

describe('fail', () => {
  test('fails as many attempts as asked and then returns', async () => {
    expect((await runTask(new Fail(), { times: 2 }, { attempt: 2 })).outcome).toMatchObject({ error: { code: 'AGENT_FAILED' } });
    expect((await runTask(new Fail(), { times: 2 }, { attempt: 3 })).outcome).toEqual({ status: 'succeeded', output: { attempt: 3 } });
  });

  test('fails with the code asked for, with its disposition', async () => {
    expect((await runTask(new Fail(), { times: 1, code: 'AGENT_REJECTED' })).outcome).toMatchObject({
      error: { code: 'AGENT_REJECTED', disposition: 'terminal' },
    });
  });

  test('refuses a code that does not exist', async () => {
    expect((await runTask(new Fail(), { times: 1, code: 'NO_SUCH_CODE' })).outcome).toMatchObject({
      error: { code: 'AGENT_INPUT_INVALID', details: { issues: [{ path: 'code' }] } },
    });
  });
});

describe('echo-context', () => {
  test('returns what the attempt was told about itself', async () => {
    const result = await runTask(new EchoContext(), null, { attempt: 2, fence: 5 });
    expect(result.outcome).toEqual({
      status: 'succeeded',
      output: {
        attempt: 2,
        fence: 5,
        idempotencyKey: `${result.run}:stage`,
        traceId: '0af7651916cd43dd8448eb211c80319c',
        correlationId: `c-${result.run}`,
        run: result.run,
        task: 'stage',
        tenant: 'tenant',
      },
    });
  });
});

describe('kinds for tests of faults', () => {
  test('garbage breaks its own output schema', async () => {
    expect((await runTask(new Garbage(), {})).outcome).toMatchObject({ error: { code: 'AGENT_OUTPUT_INVALID' } });
  });

  test('ask asks, and returns the answer when it is there', async () => {
    const input = { question: 'Really?', options: [true, false], default: false, timeoutMs: 10 };
    const { key, ...question } = { key: 'Really?', ...input };
    expect((await runTask(new Ask(), input)).outcome).toEqual({ status: 'asked', question: { key, ...question } });
    const answers = [{ key, answer: true, by: 'somebody' }];
    expect((await runTask(new Ask(), input, { answers })).outcome).toEqual({ status: 'succeeded', output: { answer: true } });
  });

  test('hang blocks the event loop for its time', async () => {
    const begun = performance.now();
    expect((await runTask(new Hang(), { ms: 30 })).outcome).toEqual({ status: 'succeeded', output: { hungMs: 30, attempt: 1 } });
    expect(performance.now() - begun).toBeGreaterThanOrEqual(30);
  });

  test('hog allocates what it is told', async () => {
    expect((await runTask(new Hog(), { maxBytes: 10_000_000 })).outcome).toEqual({
      status: 'succeeded',
      output: { bytes: 16_777_216, attempt: 1 },
    });
  });

  test('the harmful ones do no harm in later attempts, so that a pipeline can get over them', async () => {
    for (const agent of [new Crash(), new Hang(), new Hog()]) {
      const { outcome } = await runTask(agent, { ms: 60_000, maxBytes: 2 ** 40, times: 2 }, { attempt: 3 });
      expect(outcome).toMatchObject({ status: 'succeeded', output: { attempt: 3 } });
    }
  });
});

describe('call', () => {
  test('tries again as often as it must', async () => {
    expect((await runTask(new Call(), { failures: 2 })).outcome).toEqual({ status: 'succeeded', output: { tries: 3 } });
    expect((await runTask(new Call(), { name: 'other', failures: 9 })).outcome).toMatchObject({
      status: 'failed',
      error: { code: 'NETWORK_FAILED' },
    });
  });
});
