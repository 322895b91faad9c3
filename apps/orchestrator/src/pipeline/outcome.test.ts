import { describe, expect, test } from '@jest/globals';
import { Harness, stage } from './testing/harness.ts';

describe('an outcome', () => {
  test('counts once: repeated, late and unknown ones change nothing', () => {
    const run = new Harness([stage('a'), stage('b', { needs: ['a'] })]);
    run.succeed('a', 1);
    const { state } = run;
    run.end('a', { status: 'succeeded', output: 2 }, { fence: 1 });
    expect([run.verdict, run.state === state]).toEqual([{ taken: false, why: 'stale' }, true]);
    run.end('b', { status: 'succeeded', output: 2 }, { fence: 9 });
    expect([run.verdict, run.state === state]).toEqual([{ taken: false, why: 'stale' }, true]);
    run.apply({ type: 'outcome', task: 'zz', fence: 1, worker: 'w', startedAt: 1, finishedAt: 1, outcome: { status: 'suspended' } });
    expect([run.verdict, run.state === state]).toEqual([{ taken: false, why: 'stale' }, true]);
  });

  test('of success keeps the output and drops the checkpoint', () => {
    const run = new Harness([stage('a'), stage('b')]);
    run.report('a', { checkpoint: { at: 1 } });
    expect(run.task('a').checkpoint).toEqual({ at: 1 });
    run.succeed('a', { x: 1 });
    expect(run.task('a')).toEqual({
      ...{ stage: 'a', agent: 'noop', fallback: 0, attempt: 1, fence: 1, failures: 0, losses: 0, rounds: 0, answers: [] },
      ...{ status: 'succeeded', output: { x: 1 }, startedAt: 999_990, finishedAt: 1_000_000, degraded: false },
    });
    expect([...run.last.checkpoints]).toEqual(['a']);
    expect([...run.last.touched]).toEqual(['a']);
  });

  test('with an output above the limit fails for good', () => {
    const run = new Harness([stage('a')], {}, { maxOutputBytes: 10 });
    run.succeed('a', 'éééé');
    expect(run.state.status).toBe('succeeded');
    const other = new Harness([stage('a')], {}, { maxOutputBytes: 10 });
    other.succeed('a', 'ééééé');
    expect(other.task('a')).toMatchObject({
      status: 'dead',
      error: { code: 'AGENT_OUTPUT_TOO_LARGE', details: { bytes: 12, maxOutputBytes: 10 } },
    });
  });

  test('with an output that its schema refuses fails for good', () => {
    const run = new Harness([stage('a')], {}, { outputProblems: () => ['/x: not a number'] });
    run.succeed('a', {});
    expect(run.task('a')).toMatchObject({
      status: 'dead',
      failures: 1,
      error: { code: 'AGENT_OUTPUT_INVALID', details: { issues: ['/x: not a number'] } },
    });
  });

  test('suspended costs no attempt, keeps the checkpoint and is dispatched at once', () => {
    const run = new Harness([stage('a')]);
    run.end('a', { status: 'suspended' }, { checkpoint: { done: 3 } });
    expect(run.lastEvents).toEqual(['task.suspended a', 'task.dispatched a']);
    expect(run.dispatched).toMatchObject([{ attempt: 1, fence: 2, restored: { done: 3 } }]);
    expect([...run.last.checkpoints]).toEqual(['a']);
  });

  test('cancelled although nobody cancelled the run is tried again like a failure', () => {
    const run = new Harness([stage('a')]);
    run.end('a', { status: 'cancelled' });
    expect(run.task('a')).toMatchObject({ status: 'ready', failures: 1, error: { code: 'CANCELLED' } });
  });
});

describe('a gate', () => {
  const gated = (more: object, options = {}): Harness =>
    new Harness([stage('a', { gate: 'output.errors <= input.most', ...more })], {}, { input: { most: 1 }, ...options });

  test('that holds lets the output pass', () => {
    const run = gated({});
    run.succeed('a', { errors: 1 });
    expect(run.state.status).toBe('succeeded');
  });

  test('that does not hold fails the task for good', () => {
    const run = gated({});
    run.succeed('a', { errors: 2 });
    expect(run.lastEvents).toEqual(['gate.failed a', 'task.failed a', 'task.dead a', 'run.failed']);
    expect(run.task('a')).toMatchObject({ error: { code: 'GATE_FAILED', details: { stage: 'a', gate: 'output.errors <= input.most' } } });
  });

  test('that cannot be evaluated does not hold, and says why', () => {
    const run = gated({});
    run.succeed('a', {});
    expect(run.task('a')).toMatchObject({ error: { code: 'GATE_FAILED', cause: { code: 'EXPRESSION_FAILED' } } });
  });

  test('with onGateFailure retry counts as a failed attempt', () => {
    const run = gated({ onGateFailure: 'retry', retry: { maxAttempts: 2, baseMs: 100, jitter: 'none' } });
    run.succeed('a', { errors: 2 });
    expect(run.task('a')).toMatchObject({ status: 'ready', dueAt: 1_000_100, failures: 1 });
    run.later(100);
    run.succeed('a', { errors: 3 });
    expect(run.task('a')).toMatchObject({ status: 'dead', attempt: 2, error: { code: 'GATE_FAILED' } });
  });

  test('with onGateFailure ask holds the output back and asks', () => {
    const run = gated({ onGateFailure: 'ask', ask: { question: 'Fine?', timeoutMs: 500, default: 'accept' } });
    run.succeed('a', { errors: 2 });
    expect(run.lastEvents).toEqual(['gate.failed a', 'decision.opened a', 'run.waiting']);
    const [decision] = run.last.opened;
    expect(decision).toMatchObject({ stage: 'a', kind: 'gate', openedAt: 1_000_000, expiresAt: 1_000_500 });
    expect(decision?.question).toEqual({
      key: 'gate',
      question: 'Fine?',
      options: ['accept', 'reject', 'retry'],
      timeoutMs: 500,
      default: 'accept',
      context: {
        gate: 'output.errors <= input.most',
        problem: 'The gate of stage a does not hold: output.errors <= input.most',
        output: { errors: 2 },
      },
    });
    expect(run.task('a')).toMatchObject({ status: 'waiting', held: { errors: 2 }, decision: decision?.id });
  });

  test('does not show a large output with its question', () => {
    const run = gated({ onGateFailure: 'ask' }, { maxOutputBytes: 100_000 });
    run.succeed('a', { errors: 2, text: 'x'.repeat(70_000) });
    expect(run.last.opened[0]?.question).toMatchObject({ context: { outputBytes: 70_022 } });
    expect(run.last.opened[0]?.question.question).toContain('output.errors <= input.most');
  });
});
