import { describe, expect, test } from '@jest/globals';
import { Harness, stage } from './testing/harness.ts';

const quick = { maxAttempts: 3, baseMs: 100, maxMs: 1_000, jitter: 'none' };

describe('a failed attempt', () => {
  test('is tried again after a growing while, with a new fence', () => {
    const run = new Harness([stage('a', { retry: quick })]);
    run.fail('a');
    expect(run.lastEvents).toEqual(['task.failed a', 'task.retrying a', 'run.waiting']);
    expect(run.task('a')).toMatchObject({ status: 'ready', dueAt: 1_000_100, failures: 1, error: { code: 'AGENT_FAILED' } });
    expect(run.state.status).toBe('waiting');
    run.later(99);
    expect(run.verdict).toEqual({ taken: false, why: 'stale' });
    run.later(1);
    expect(run.lastEvents).toEqual(['task.dispatched a', 'run.resumed']);
    expect(run.dispatched).toMatchObject([{ attempt: 2, fence: 2 }]);
    run.fail('a');
    expect(run.task('a')).toMatchObject({ dueAt: 1_000_300, failures: 2 });
  });

  test('waits at least as long as its error says', () => {
    const run = new Harness([stage('a', { retry: quick })]);
    run.fail('a', { retryAfterMs: 4_000.5 });
    expect(run.task('a')).toMatchObject({ dueAt: 1_004_001 });
    const other = new Harness([stage('a', { retry: quick })]);
    other.fail('a', { retryAfterMs: 4 });
    expect(other.task('a')).toMatchObject({ dueAt: 1_000_100 });
  });

  test('waits a random part of the while with full jitter', () => {
    const run = new Harness([stage('a', { retry: { ...quick, jitter: 'full' } })], {}, { random: () => 0.25 });
    run.fail('a');
    expect(run.task('a')).toMatchObject({ dueAt: 1_000_025 });
  });

  test('after the last allowed one leaves a dead letter and fails the run', () => {
    const run = new Harness(
      [stage('a', { retry: { ...quick, maxAttempts: 1 }, input: { x: '${input.n}' } }), stage('b')],
      { concurrency: 1 },
      { input: { n: 1 } },
    );
    run.report('b');
    run.fail('a');
    expect(run.lastEvents).toEqual(['task.failed a', 'task.dead a', 'task.cancelled b', 'run.failed']);
    expect(run.last.deadLetters).toMatchObject([
      { stage: 'a', agent: 'noop', attempt: 1, losses: 0, input: { x: 1 }, error: { code: 'AGENT_FAILED' }, at: 1_000_000 },
    ]);
    expect(run.last.commands).toEqual([{ type: 'cancel-attempt', task: 'b', fence: 1, worker: 'w1', reason: 'cancelled' }]);
    expect(run.state).toMatchObject({
      status: 'failed',
      slot: false,
      finishedAt: 1_000_000,
      error: { code: 'RUN_FAILED', details: { stage: 'a', code: 'AGENT_FAILED' }, cause: { code: 'AGENT_FAILED', message: 'broken' } },
    });
    expect(run.statuses()).toEqual({ a: 'dead', b: 'cancelled' });
  });

  test('that is terminal is not tried again', () => {
    const run = new Harness([stage('a', { retry: quick })]);
    run.fail('a', { code: 'AGENT_REJECTED', disposition: 'terminal' });
    expect(run.task('a')).toMatchObject({ status: 'dead', attempt: 1, failures: 1 });
  });

  test('says cancelled: it is tried again, for nobody asked', () => {
    const run = new Harness([stage('a', { retry: quick })]);
    run.fail('a', { disposition: 'cancelled' });
    expect(run.task('a').status).toBe('ready');
  });
});

describe('when an agent has failed for good', () => {
  test('its fallbacks are tried in order with fresh attempts, and the result is degraded', () => {
    const run = new Harness([stage('a', { retry: { ...quick, maxAttempts: 2 }, fallback: ['b', 'c'] })]);
    run.report('a', { checkpoint: 1 });
    run.fail('a');
    run.later(100);
    run.fail('a');
    expect(run.lastEvents).toEqual(['task.failed a', 'task.fallback a', 'task.dispatched a']);
    expect(run.dispatched).toMatchObject([{ agent: 'b', attempt: 3, fence: 3 }]);
    expect(run.dispatched[0]).not.toHaveProperty('restored');
    expect([...run.last.checkpoints]).toEqual(['a']);
    expect(run.task('a')).toMatchObject({ fallback: 1, failures: 0 });
    run.fail('a', { disposition: 'terminal' });
    expect(run.dispatched).toMatchObject([{ agent: 'c', attempt: 4 }]);
    run.succeed('a', 1);
    expect(run.task('a')).toMatchObject({ status: 'succeeded', degraded: true, agent: 'c' });
  });

  test('the last fallback failing ends in onFailure', () => {
    const run = new Harness([stage('a', { fallback: ['b'], onFailure: { action: 'degrade', output: { report: null } } })]);
    run.fail('a', { disposition: 'terminal' });
    run.fail('a', { disposition: 'terminal' });
    expect(run.lastEvents).toEqual(['task.failed a', 'task.degraded a', 'task.succeeded a', 'run.succeeded']);
    expect(run.task('a')).toMatchObject({ output: { report: null }, degraded: true, error: { code: 'AGENT_FAILED' } });
    expect(run.last.deadLetters).toEqual([]);
  });

  test('a degraded stage satisfies those that need it', () => {
    const run = new Harness([
      stage('a', { onFailure: { action: 'degrade', output: 5 } }),
      stage('b', { needs: ['a'], input: '${stages.a.output}' }),
    ]);
    run.fail('a', { disposition: 'terminal' });
    expect(run.dispatched).toMatchObject([{ task: 'b', input: 5 }]);
  });

  test('onFailure retry begins rounds of fresh attempts with the first agent, then fails', () => {
    const run = new Harness([stage('a', { fallback: ['b'], onFailure: { action: 'retry', times: 1, delayMs: 700 } })]);
    const terminal = { disposition: 'terminal' } as const;
    run.fail('a', terminal);
    run.fail('a', terminal);
    expect(run.task('a')).toMatchObject({ status: 'ready', dueAt: 1_000_700, rounds: 1, failures: 0, fallback: 0, agent: 'noop' });
    run.later(700);
    expect(run.dispatched).toMatchObject([{ agent: 'noop', attempt: 3 }]);
    run.fail('a', terminal);
    run.fail('a', terminal);
    expect(run.state.status).toBe('failed');
    expect(run.task('a')).toMatchObject({ rounds: 1, attempt: 4 });
  });

  test('rounds without delay after a mapping that always fails come to an end', () => {
    const run = new Harness([
      stage('a', { input: '${input.x}', fallback: ['b', 'c'], onFailure: { action: 'retry', times: 100, delayMs: 0 } }),
    ]);
    expect(run.state.status).toBe('failed');
    expect(run.task('a')).toMatchObject({ attempt: 0, fence: 0, rounds: 100 });
  });
});
