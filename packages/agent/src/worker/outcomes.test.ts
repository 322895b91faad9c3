import { describe, expect, test } from '@jest/globals';
import { AgentError, ValidationError } from '@mainstay/types';
import { z } from 'zod';
import { aborted, TestAgent, waiting } from '../testing/agents.ts';
import { withScene } from '../testing/scene.ts';

const agentThat = (run: (input: unknown) => unknown) => new TestAgent('it', (input) => Promise.resolve(run(input)));
const fails = (thrown: unknown) =>
  new TestAgent('it', () => {
    throw thrown;
  });

class Strict extends TestAgent {
  override readonly output = z.object({ n: z.number() });
}

describe('how an attempt ends', () => {
  test('with its output, and the task is acknowledged', async () => {
    await withScene([agentThat((input) => input)], {}, async (scene) => {
      expect(await scene.outcomeOf('it', { a: [1, null] })).toEqual({ status: 'succeeded', output: { a: [1, null] } });
      expect(await scene.pending('it')).toBe(0);
      expect(scene.worker.running()).toEqual([]);
    });
  });

  test('with null when it returns nothing', async () => {
    await withScene([agentThat(() => undefined)], {}, async (scene) => {
      expect(await scene.outcomeOf('it', {})).toEqual({ status: 'succeeded', output: null });
    });
  });

  test('retryably, with the cause, when it throws an error that nobody classified', async () => {
    await withScene([fails(new TypeError('no such thing'))], {}, async (scene) => {
      expect(await scene.outcomeOf('it', {})).toMatchObject({
        status: 'failed',
        error: { code: 'AGENT_FAILED', disposition: 'retryable', message: 'no such thing', cause: { name: 'TypeError' } },
      });
    });
  });

  test('as the error says when it throws one of the platform', async () => {
    const error = new AgentError('AGENT_REJECTED', 'not that', { details: { why: 'because' } });
    await withScene([fails(error)], {}, async (scene) => {
      expect(await scene.outcomeOf('it', {})).toMatchObject({
        status: 'failed',
        error: { code: 'AGENT_REJECTED', disposition: 'terminal', details: { why: 'because' } },
      });
    });
  });

  test.each([
    ['a text', 'boom', 'boom'],
    ['undefined', undefined, 'undefined'],
    ['null', null, 'null'],
    ['an object', { reason: 'x' }, '{"reason":"x"}'],
  ])('retryably when it throws %s', async (_what, thrown, message) => {
    await withScene([fails(thrown)], {}, async (scene) => {
      expect(await scene.outcomeOf('it', {})).toMatchObject({ status: 'failed', error: { code: 'AGENT_FAILED', message } });
    });
  });

  test('with an error whose details are not JSON: they are replaced by what was wrong with them', async () => {
    const details = JSON.parse('{}') as Record<string, never>;
    Object.assign(details, { self: details });
    await withScene([fails(new ValidationError('VALIDATION_FAILED', 'bad', { details }))], {}, async (scene) => {
      expect(await scene.outcomeOf('it', {})).toMatchObject({
        status: 'failed',
        error: { code: 'VALIDATION_FAILED', details: { omitted: expect.stringContaining('contains itself') } },
      });
    });
  });

  test('terminally when the output does not satisfy the schema', async () => {
    await withScene([new Strict('it', () => Promise.resolve({ n: 'one' }))], {}, async (scene) => {
      expect(await scene.outcomeOf('it', {})).toMatchObject({
        status: 'failed',
        error: { code: 'AGENT_OUTPUT_INVALID', disposition: 'terminal', details: { issues: [{ path: 'n' }] } },
      });
    });
  });

  test('terminally when the output is not JSON', async () => {
    await withScene([agentThat(() => ({ when: [1n] }))], {}, async (scene) => {
      expect(await scene.outcomeOf('it', {})).toMatchObject({
        status: 'failed',
        error: { code: 'AGENT_OUTPUT_INVALID', details: { issues: [{ path: '$.when[0]' }] } },
      });
    });
  });

  test('terminally when the output is larger than the limit', async () => {
    await withScene([agentThat((input) => input)], { maxOutputBytes: 100 }, async (scene) => {
      expect(await scene.outcomeOf('it', 'x'.repeat(98))).toMatchObject({ status: 'succeeded' });
      expect(await scene.outcomeOf('it', 'x'.repeat(99))).toMatchObject({ status: 'failed', error: { code: 'AGENT_OUTPUT_TOO_LARGE' } });
    });
  });

  test('terminally when the transport does not take a message of that size, without holding up others', async () => {
    const agent = agentThat((input) => (input === 'big' ? 'x'.repeat(3_000) : input));
    await withScene([agent], { maxMessageBytes: 2_500 }, async (scene) => {
      const [big, small] = [scene.task('it', 'big'), scene.task('it', 'small')];
      await scene.send(big, small);
      expect((await scene.resultOf(big)).outcome).toMatchObject({ status: 'failed', error: { code: 'AGENT_OUTPUT_TOO_LARGE' } });
      expect((await scene.resultOf(small)).outcome).toEqual({ status: 'succeeded', output: 'small' });
      expect(await scene.pending('it')).toBe(0);
    });
  });

  test('with OPERATION_TIMEOUT when its time is over', async () => {
    await withScene([waiting()], {}, async (scene) => {
      const task = scene.task('waiting', {}, { timeoutMs: 1_000 });
      await scene.send(task);
      await scene.advance(999);
      expect(scene.results()).toEqual([]);
      await scene.advance(1);
      expect((await scene.resultOf(task)).outcome).toMatchObject({
        status: 'failed',
        error: { code: 'OPERATION_TIMEOUT', disposition: 'retryable', details: { timeoutMs: 1_000 } },
      });
    });
  });

  test('with OPERATION_TIMEOUT even when it returns something after its time was over', async () => {
    const late = new TestAgent('late', (_input, { signal }) => aborted(signal).catch(() => 'late'));
    await withScene([late], {}, async (scene) => {
      const task = scene.task('late', {}, { timeoutMs: 1_000 });
      await scene.send(task);
      await scene.advance(1_000);
      expect((await scene.resultOf(task)).outcome).toMatchObject({ error: { code: 'OPERATION_TIMEOUT' } });
    });
  });

  test('with DEADLINE_EXCEEDED when the deadline comes before its time is over', async () => {
    await withScene([waiting()], {}, async (scene) => {
      const task = scene.task('waiting', {}, { timeoutMs: 60_000, deadline: scene.clock.now() + 500 });
      await scene.send(task);
      await scene.advance(500);
      expect((await scene.resultOf(task)).outcome).toMatchObject({ error: { code: 'DEADLINE_EXCEEDED', disposition: 'terminal' } });
    });
  });

  test('with DEADLINE_EXCEEDED without having begun when the deadline has passed already', async () => {
    let begun = 0;
    const agent = agentThat(() => (begun += 1));
    await withScene([agent], {}, async (scene) => {
      expect(await scene.outcomeOf('it', {}, { deadline: scene.clock.now() - 1 })).toMatchObject({ error: { code: 'DEADLINE_EXCEEDED' } });
      expect(begun).toBe(0);
    });
  });

  test('with AGENT_UNRESPONSIVE when it ignores its signal; its slot stays taken until it settles', async () => {
    const gate = Promise.withResolvers<string>();
    const deaf = new TestAgent('deaf', (input) => (input === 'deaf' ? gate.promise : Promise.resolve('next')));
    await withScene([deaf], { capacity: 1, abortGraceMs: 5_000 }, async (scene) => {
      const [first, second] = [scene.task('deaf', 'deaf', { timeoutMs: 1_000 }), scene.task('deaf', 'next')];
      await scene.send(first, second);
      await scene.advance(5_999);
      expect(scene.results()).toEqual([]);
      await scene.advance(1);
      expect((await scene.resultOf(first)).outcome).toMatchObject({
        error: { code: 'AGENT_UNRESPONSIVE', cause: { code: 'OPERATION_TIMEOUT' } },
      });
      await scene.advance(10_000);
      expect(scene.results()).toHaveLength(1);
      gate.resolve('too late');
      expect((await scene.resultOf(second)).outcome).toEqual({ status: 'succeeded', output: 'next' });
      expect(scene.results()).toHaveLength(2);
    });
  });
});
