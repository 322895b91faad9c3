import { describe, expect, test } from '@jest/globals';
import { NetworkError } from '@mainstay/types';
import type { TaskContext } from '../task-context.ts';
import { TestAgent } from '../testing/agents.ts';
import { withScene } from '../testing/scene.ts';

const asks = new TestAgent('asks', async (_input, ctx) => ({
  answer: await ctx.ask('Go on?', { options: ['yes', 'no'], timeoutMs: 5_000, default: 'no' }),
}));

describe('the context', () => {
  test('says what the task said', async () => {
    const agent = new TestAgent('it', (_input, ctx) => {
      const { attempt, fence, run, task, tenant, idempotencyKey, correlationId, traceparent, restored, deadline } = ctx;
      return Promise.resolve({ attempt, fence, run, task, tenant, idempotencyKey, correlationId, traceparent, restored, deadline });
    });
    await withScene([agent], {}, async (scene) => {
      const task = scene.task('it', {}, { attempt: 3, fence: 7, restored: { at: 2 }, timeoutMs: 1_000 });
      await scene.send(task);
      const { run, tenant, idempotencyKey, correlationId, traceparent } = task;
      expect((await scene.resultOf(task)).outcome).toEqual({
        status: 'succeeded',
        output: {
          attempt: 3,
          fence: 7,
          run,
          task: 'stage',
          tenant,
          idempotencyKey,
          correlationId,
          traceparent,
          restored: { at: 2 },
          deadline: scene.clock.now() + 1_000,
        },
      });
    });
  });
});

describe('ask', () => {
  test('ends the attempt with the question when the answer is not there', async () => {
    await withScene([asks], {}, async (scene) => {
      expect(await scene.outcomeOf('asks', {})).toEqual({
        status: 'asked',
        question: { key: 'Go on?', question: 'Go on?', options: ['yes', 'no'], timeoutMs: 5_000, default: 'no' },
      });
    });
  });

  test('gives the answer when it is there', async () => {
    await withScene([asks], {}, async (scene) => {
      const answers = [{ key: 'Go on?', answer: 'yes', by: 'somebody' }];
      expect(await scene.outcomeOf('asks', {}, { answers })).toEqual({ status: 'succeeded', output: { answer: 'yes' } });
    });
  });

  test('ends the attempt even when the agent swallows what it throws', async () => {
    const stubborn = new TestAgent('it', async (_input, ctx) => ctx.ask('Well?', { key: 'k' }).catch(() => 'made up'));
    await withScene([stubborn], {}, async (scene) => {
      expect(await scene.outcomeOf('it', {})).toMatchObject({ status: 'asked', question: { key: 'k' } });
    });
  });

  test('gives a long question a short key of its own', async () => {
    const long = new TestAgent('it', async (input, ctx) => ctx.ask(String(input).repeat(1_000)));
    await withScene([long], {}, async (scene) => {
      const keys = new Set<string>();
      for (const input of ['a', 'b', 'a']) {
        const outcome = await scene.outcomeOf('it', input);
        if (outcome.status === 'asked') keys.add(outcome.question.key);
      }
      expect([...keys].map((key) => key.length)).toEqual([64, 64]);
    });
  });

  test('refuses a question that cannot be put', async () => {
    const bad = new TestAgent('it', async (_input, ctx) => ctx.ask('', { timeoutMs: -1 }));
    await withScene([bad], {}, async (scene) => {
      expect(await scene.outcomeOf('it', {})).toMatchObject({
        status: 'failed',
        error: { code: 'VALIDATION_FAILED', message: expect.stringContaining('timeoutMs') },
      });
    });
  });
});

describe('call', () => {
  const calls = (fn: (signal: AbortSignal, n: number) => Promise<unknown>, options: Parameters<TaskContext['call']>[2] = {}) => {
    let n = 0;
    const agent = new TestAgent('it', (_input, ctx) => ctx.call('service', (signal) => fn(signal, (n += 1)), { baseMs: 0, ...options }));
    return { agent, count: () => n };
  };

  test('tries again after a failure that may pass', async () => {
    const { agent, count } = calls((_signal, n) => (n < 3 ? Promise.reject(new NetworkError('reset')) : Promise.resolve('third')));
    await withScene([agent], {}, async (scene) => {
      expect(await scene.outcomeOf('it', {})).toEqual({ status: 'succeeded', output: 'third' });
      expect(count()).toBe(3);
    });
  });

  test('does not try again what nobody called retryable', async () => {
    const { agent, count } = calls(() => Promise.reject(new Error('broken')));
    await withScene([agent], {}, async (scene) => {
      expect(await scene.outcomeOf('it', {})).toMatchObject({ error: { code: 'AGENT_FAILED', message: 'broken' } });
      expect(count()).toBe(1);
    });
  });

  test('gives each try its time', async () => {
    const { agent, count } = calls(() => new Promise(() => undefined), { timeoutMs: 100, maxAttempts: 2 });
    await withScene([agent], {}, async (scene) => {
      const task = scene.task('it', {});
      await scene.send(task);
      await scene.advance(100);
      await scene.advance(100);
      expect((await scene.resultOf(task)).outcome).toMatchObject({
        error: { code: 'OPERATION_TIMEOUT', details: { operation: 'service' } },
      });
      expect(count()).toBe(2);
    });
  });

  test('stops calling a service that keeps failing, across attempts, and says when to come back', async () => {
    const { agent, count } = calls(() => Promise.reject(new NetworkError('down')), { maxAttempts: 1 });
    await withScene([agent], {}, async (scene) => {
      for (let n = 0; n < 10; n++) await scene.outcomeOf('it', {});
      expect(await scene.outcomeOf('it', {})).toMatchObject({ error: { code: 'CIRCUIT_OPEN', retryAfterMs: expect.any(Number) } });
      expect(count()).toBe(10);
    });
  });
});
