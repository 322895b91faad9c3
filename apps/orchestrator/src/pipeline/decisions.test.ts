import { describe, expect, test } from '@jest/globals';
import type { Question } from '@mainstay/types';
import { Harness, stage } from './testing/harness.ts';

function asking(more: Partial<Question> = {}, stageMore: object = {}): Harness {
  const run = new Harness([stage('a', stageMore)]);
  run.end('a', { status: 'asked', question: { key: 'k', question: 'Which?', ...more } }, { checkpoint: 4 });
  return run;
}

const idOf = (run: Harness): string => [...run.state.decisions.keys()][0] ?? '';

describe('a question', () => {
  test('opens a decision and lets the run wait, without cost', () => {
    const run = asking({ timeoutMs: 100, agent: 'expert' });
    expect(run.lastEvents).toEqual(['decision.opened a', 'run.waiting']);
    expect(run.last.events[1]?.data).toEqual({ for: 'decision' });
    expect(run.last.opened).toEqual([
      {
        id: idOf(run),
        stage: 'a',
        kind: 'question',
        openedAt: 1_000_000,
        expiresAt: 1_000_100,
        question: { key: 'k', question: 'Which?', timeoutMs: 100, agent: 'expert' },
      },
    ]);
    expect(run.task('a')).toMatchObject({ status: 'waiting', attempt: 0 });
  });

  test('keeps the run running while other tasks run', () => {
    const run = new Harness([stage('a'), stage('b')]);
    run.end('a', { status: 'asked', question: { key: 'k', question: '?' } });
    expect(run.state.status).toBe('running');
  });

  test('is answered: the task goes on with the answer and its checkpoint', () => {
    const run = asking();
    const decision = idOf(run);
    run.apply({ type: 'answer', decision, answer: { x: 1 }, comment: 'so', by: 'bob' });
    expect(run.lastEvents).toEqual(['decision.answered a', 'task.dispatched a', 'run.resumed']);
    expect(run.dispatched).toMatchObject([
      { attempt: 1, fence: 2, restored: 4, answers: [{ key: 'k', answer: { x: 1 }, comment: 'so', by: 'bob' }] },
    ]);
    expect(run.last.closed).toEqual([{ id: decision, answer: { x: 1 }, comment: 'so', by: 'bob', at: 1_000_000 }]);
    expect(run.state.decisions.size).toBe(0);
  });

  test('takes only one of its options', () => {
    const run = asking({ options: [{ a: 1, b: [2] }, 'no'] });
    const decision = idOf(run);
    run.apply({ type: 'answer', decision, answer: { a: 1 }, by: 'bob' });
    expect(run.verdict).toMatchObject({ taken: false, why: 'conflict', code: 'VALIDATION_FAILED' });
    run.apply({ type: 'answer', decision, answer: { b: [2], a: 1 }, by: 'bob' });
    expect(run.verdict).toEqual({ taken: true });
  });

  test('is answered once', () => {
    const run = asking();
    const answer = { type: 'answer', decision: idOf(run), answer: 1, by: 'bob' } as const;
    run.apply(answer, answer);
    expect(run.last.verdicts).toMatchObject([{ taken: true }, { taken: false, code: 'DECISION_NOT_FOUND' }]);
  });

  test('gets its default answer when the time is over', () => {
    const run = asking({ timeoutMs: 100, default: 'none' });
    run.later(99);
    expect(run.state.decisions.size).toBe(1);
    run.later(1);
    expect(run.lastEvents).toEqual(['decision.expired a', 'decision.answered a', 'task.dispatched a', 'run.resumed']);
    expect(run.dispatched).toMatchObject([{ answers: [{ key: 'k', answer: 'none', by: 'default' }] }]);
  });

  test('fails its task for good when the time is over and there is no default', () => {
    const run = asking({ timeoutMs: 100 });
    const decision = idOf(run);
    run.later(100);
    expect(run.task('a')).toMatchObject({ status: 'dead', error: { code: 'DECISION_EXPIRED', details: { decision, stage: 'a' } } });
    expect(run.last.closed).toMatchObject([{ id: decision, answer: null, by: 'expired' }]);
  });

  test('waits for ever without a time', () => {
    const run = asking();
    run.later(1e12);
    expect(run.verdict).toEqual({ taken: false, why: 'stale' });
  });

  test('asked again although it was answered is a failure of the agent', () => {
    const run = asking();
    run.apply({ type: 'answer', decision: idOf(run), answer: 1, by: 'bob' });
    run.end('a', { status: 'asked', question: { key: 'k', question: 'Which?' } });
    expect(run.task('a')).toMatchObject({ status: 'ready', failures: 1, error: { code: 'AGENT_FAILED' } });
  });

  test('may be asked under other keys, but not without end', () => {
    const run = asking();
    for (let i = 0; i < 100; i++) {
      run.apply({ type: 'answer', decision: idOf(run), answer: i, by: 'bob' });
      run.end('a', { status: 'asked', question: { key: `k${String(i)}`, question: '?' } });
    }
    expect(run.task('a')).toMatchObject({ status: 'ready', failures: 1 });
    expect(run.task('a').answers).toHaveLength(100);
  });
});

describe('the question of a failed gate', () => {
  function gated(ask: object = {}, more: object = {}): Harness {
    const run = new Harness([stage('a', { gate: 'output.ok', onGateFailure: 'ask', ask, ...more })]);
    run.succeed('a', { ok: false });
    return run;
  }
  const answer = (run: Harness, value: string): void => {
    run.apply({ type: 'answer', decision: idOf(run), answer: value, by: 'bob' });
  };

  test('accept: the held output becomes the output', () => {
    const run = gated();
    answer(run, 'accept');
    expect(run.lastEvents).toEqual(['decision.answered a', 'task.succeeded a', 'run.succeeded']);
    expect(run.task('a')).toMatchObject({ output: { ok: false }, attempt: 1 });
    expect(run.task('a')).not.toHaveProperty('error');
  });

  test('reject: the task fails for good', () => {
    const run = gated();
    answer(run, 'reject');
    expect(run.task('a')).toMatchObject({ status: 'dead', error: { code: 'GATE_FAILED' } });
  });

  test('retry: the task is dispatched at once, as often as a person wants', () => {
    const run = gated({}, { retry: { maxAttempts: 1 } });
    for (let attempt = 2; attempt < 6; attempt++) {
      answer(run, 'retry');
      expect(run.dispatched).toMatchObject([{ attempt, fence: attempt }]);
      run.succeed('a', { ok: false });
    }
    expect(run.task('a').failures).toBe(0);
  });

  test('retry by default: counts as a failure, so that it ends', () => {
    const run = gated({ timeoutMs: 10, default: 'retry' }, { retry: { maxAttempts: 2, baseMs: 0 } });
    run.later(10);
    expect(run.dispatched).toMatchObject([{ attempt: 2 }]);
    run.succeed('a', { ok: false });
    run.later(10);
    expect(run.task('a')).toMatchObject({ status: 'dead', failures: 2 });
  });

  test('refuses other answers', () => {
    const run = gated();
    answer(run, 'perhaps');
    expect(run.verdict).toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  test('a fallback agent that is accepted is still degraded', () => {
    const run = new Harness([stage('a', { gate: 'output.ok', onGateFailure: 'ask', fallback: ['b'] })]);
    run.fail('a', { disposition: 'terminal' });
    run.succeed('a', { ok: false });
    answer(run, 'accept');
    expect(run.task('a')).toMatchObject({ status: 'succeeded', degraded: true });
  });
});

test('a state in which a decision is open without a task that waits on it is reported as a fault of ours', () => {
  const run = asking();
  run.state = { ...run.state, tasks: new Map() };
  expect(() => run.apply({ type: 'answer', decision: idOf(run), answer: 1, by: 'bob' })).toThrow('no task waits on it');
});
