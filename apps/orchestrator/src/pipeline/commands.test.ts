import { describe, expect, test } from '@jest/globals';
import { Harness, stage } from './testing/harness.ts';

const by = 'ann';
const stale = { taken: false, why: 'stale' };
const conflict = { taken: false, why: 'conflict', code: 'RUN_STATE_CONFLICT' };

describe('a deadline that came with the request', () => {
  const asked = (deadlineAt: number, timeoutMs?: number) =>
    new Harness([stage('a')], { ...(timeoutMs === undefined ? {} : { timeoutMs }) }, { deadlineAt });

  test('holds if it comes before that of the pipeline', () => {
    expect(asked(1_000_500).state.deadlineAt).toBe(1_000_500);
    expect(asked(1_000_500, 60_000).state.deadlineAt).toBe(1_000_500);
    expect(asked(1_000_500, 100).state.deadlineAt).toBe(1_000_100);
  });

  test('fails the run when it passes, and is gone when somebody retries it', () => {
    const run = asked(1_000_500);
    run.later(500);
    expect(run.state).toMatchObject({ status: 'failed', error: { code: 'DEADLINE_EXCEEDED' } });
    run.apply({ type: 'retry', by });
    expect(run.state.status).toBe('running');
    expect(run.state.deadlineAt).toBeUndefined();
  });

  test('ends the run the same whoever notices it first: the store, the worker whose clock is ahead, or the limit of the attempt', () => {
    const ended = { status: 'failed', error: { code: 'DEADLINE_EXCEEDED', details: { deadlineAt: 1_000_500 } } };
    const byStore = asked(1_000_500);
    byStore.later(500);
    const byWorker = asked(1_000_500);
    byWorker.now += 400;
    byWorker.fail('a', { code: 'DEADLINE_EXCEEDED', disposition: 'terminal', details: { deadline: 1_000_500 } });
    const byLimit = asked(1_000_500);
    byLimit.now += 500;
    byLimit.fail('a', { code: 'OPERATION_TIMEOUT', disposition: 'retryable' });
    for (const { state, last } of [byStore, byWorker, byLimit]) {
      expect(state).toMatchObject(ended);
      expect(last.events.map(({ type }) => type)).toEqual(['task.cancelled', 'run.failed']);
      expect(last.deadLetters).toEqual([]);
    }
  });

  test('is not that of something which an agent waited for, nor of a worker whose clock is far off', () => {
    for (const deadline of [1_000_400, 1_060_000]) {
      const run = asked(1_060_000);
      run.now += 400;
      run.fail('a', { code: 'DEADLINE_EXCEEDED', disposition: 'terminal', details: { deadline } });
      expect(run.state).toMatchObject({ status: 'failed', error: { code: 'RUN_FAILED', cause: { code: 'DEADLINE_EXCEEDED' } } });
    }
  });

  test('fails a run that waited for its slot for too long, before anything begins', () => {
    const run = asked(1_000_500);
    run.state = run.created.queued.state;
    run.later(600);
    run.apply({ type: 'start' });
    expect(run.state).toMatchObject({ status: 'failed', slot: false, error: { code: 'DEADLINE_EXCEEDED' } });
    expect(run.dispatched).toEqual([]);
  });
});

describe('cancel', () => {
  test('ends everything: tasks, attempts, decisions, the slot', () => {
    const run = new Harness([stage('a'), stage('b'), stage('c'), stage('d', { needs: ['a'] })], { concurrency: 1 });
    run.fail('b');
    run.end('c', { status: 'asked', question: { key: 'k', question: '?' } });
    run.apply({ type: 'cancel', by, reason: 'enough' });
    expect(run.statuses()).toEqual({ a: 'cancelled', b: 'cancelled', c: 'cancelled' });
    expect(run.last.commands).toEqual([{ type: 'cancel-attempt', task: 'a', fence: 1, reason: 'cancelled' }]);
    expect(run.last.closed).toMatchObject([{ answer: null, by: 'system' }]);
    expect(run.last.events.at(-1)).toMatchObject({ type: 'run.cancelled', data: { by, reason: 'enough' } });
    expect(run.state).toMatchObject({ status: 'cancelled', slot: false, finishedAt: 1_000_000 });
    expect(run.state.decisions.size).toBe(0);
  });

  test('also of a queued run', () => {
    const run = new Harness([stage('a')]);
    run.state = run.created.queued.state;
    run.apply({ type: 'cancel', by });
    expect(run.state.status).toBe('cancelled');
    expect(run.lastEvents).toEqual(['run.cancelled']);
  });

  test('of an ended run is a conflict', () => {
    const run = new Harness([stage('a')]);
    run.apply({ type: 'cancel', by }, { type: 'cancel', by });
    expect(run.last.verdicts).toMatchObject([{ taken: true }, conflict]);
  });

  test('what a worker says afterwards changes nothing', () => {
    const run = new Harness([stage('a')]);
    run.apply({ type: 'cancel', by });
    run.end('a', { status: 'succeeded', output: 1 });
    expect(run.verdict).toEqual(stale);
  });
});

describe('pause', () => {
  test('begins nothing new; what runs is applied and goes on after resume', () => {
    const run = new Harness([stage('a'), stage('b'), stage('c', { needs: ['a'] })]);
    run.apply({ type: 'pause', by });
    expect(run.lastEvents).toEqual(['run.paused']);
    run.succeed('a', 1);
    expect(run.dispatched).toEqual([]);
    expect(run.statuses()).toEqual({ a: 'succeeded', b: 'dispatched', c: 'ready' });
    run.fail('b');
    run.later(60_000);
    expect([run.state.status, run.verdict]).toEqual(['paused', stale]);
    run.apply({ type: 'resume', by });
    expect(run.lastEvents).toEqual(['run.resumed', 'task.dispatched b', 'task.dispatched c']);
  });

  test('the end of the last task is applied, the run ends after resume', () => {
    const run = new Harness([stage('a')]);
    run.apply({ type: 'pause', by });
    run.succeed('a', 1);
    expect(run.state.status).toBe('paused');
    run.apply({ type: 'resume', by });
    expect(run.state).toMatchObject({ status: 'succeeded', output: { a: 1 } });
  });

  test('a run that must still wait after resume says so', () => {
    const run = new Harness([stage('a')]);
    run.fail('a');
    run.apply({ type: 'pause', by }, { type: 'resume', by });
    expect(run.state.status).toBe('waiting');
    expect(run.lastEvents).toEqual(['run.paused', 'run.resumed', 'run.waiting']);
    expect(run.last.events[2]?.data).toEqual({ for: 'timer' });
  });

  test('a failure still fails a paused run', () => {
    const run = new Harness([stage('a')]);
    run.apply({ type: 'pause', by });
    run.fail('a', { disposition: 'terminal' });
    expect(run.state.status).toBe('failed');
  });

  test('answers are taken while paused', () => {
    const run = new Harness([stage('a')]);
    run.end('a', { status: 'asked', question: { key: 'k', question: '?' } });
    run.apply({ type: 'pause', by });
    run.apply({ type: 'answer', decision: [...run.state.decisions.keys()][0] ?? '', answer: 1, by });
    expect([run.task('a').status, run.dispatched.length]).toEqual(['ready', 0]);
  });

  test('twice changes nothing; of a queued or ended run it is a conflict', () => {
    const run = new Harness([stage('a')]);
    run.apply({ type: 'pause', by }, { type: 'pause', by });
    expect(run.last.verdicts).toEqual([{ taken: true }, stale]);
    run.apply({ type: 'cancel', by }, { type: 'pause', by }, { type: 'resume', by });
    expect(run.last.verdicts).toMatchObject([{ taken: true }, conflict, conflict]);
    run.state = run.created.queued.state;
    run.apply({ type: 'pause', by });
    expect(run.verdict).toMatchObject(conflict);
  });

  test('resuming a run that goes on changes nothing', () => {
    const run = new Harness([stage('a')]);
    run.apply({ type: 'resume', by });
    expect(run.verdict).toEqual(stale);
  });
});

describe('suspend and wake', () => {
  test('attempts that were handed back wait for the wake-up, without cost and with their checkpoint', () => {
    const run = new Harness([stage('a'), stage('b', { needs: ['a'] })]);
    run.apply({ type: 'suspend' });
    expect(run.lastEvents).toEqual(['run.suspended']);
    run.end('a', { status: 'suspended' }, { checkpoint: 5 });
    expect([run.task('a').status, run.dispatched.length, run.state.status]).toEqual(['ready', 0, 'suspended']);
    run.apply({ type: 'wake' });
    expect(run.lastEvents).toEqual(['run.woken', 'task.dispatched a']);
    expect(run.dispatched).toMatchObject([{ attempt: 1, fence: 2, restored: 5 }]);
  });

  test('attempts that are still running are applied', () => {
    const run = new Harness([stage('a'), stage('b', { needs: ['a'] })]);
    run.apply({ type: 'suspend' });
    run.succeed('a', 1);
    expect(run.statuses()).toEqual({ a: 'succeeded', b: 'ready' });
    run.apply({ type: 'wake' });
    expect(run.dispatched).toMatchObject([{ task: 'b' }]);
  });

  test('change nothing in any other state', () => {
    const run = new Harness([stage('a')]);
    run.apply({ type: 'wake' });
    expect(run.verdict).toEqual(stale);
    run.apply({ type: 'pause', by }, { type: 'suspend' }, { type: 'wake' });
    expect(run.last.verdicts).toEqual([{ taken: true }, stale, stale]);
  });

  test('a suspended run can be paused by a person, and then stays so', () => {
    const run = new Harness([stage('a')]);
    run.apply({ type: 'suspend' }, { type: 'pause', by }, { type: 'wake' });
    expect([run.state.status, run.verdict]).toEqual(['paused', stale]);
  });

  test('a suspended run cannot be resumed by a person', () => {
    const run = new Harness([stage('a')]);
    run.apply({ type: 'suspend' }, { type: 'resume', by });
    expect(run.verdict).toMatchObject(conflict);
  });
});

describe('retry', () => {
  function failed(): Harness {
    const run = new Harness([stage('a'), stage('b', { fallback: ['x'] }), stage('c'), stage('d', { needs: ['a', 'b', 'c'] })], {
      timeoutMs: 1_000,
      concurrency: 1,
    });
    run.succeed('a', 1);
    run.fail('b', { disposition: 'terminal' });
    run.fail('b', { disposition: 'terminal' });
    return run;
  }

  test('keeps what succeeded and tries the rest with fresh counters, growing fences and a new deadline', () => {
    const run = failed();
    expect(run.statuses()).toEqual({ a: 'succeeded', b: 'dead', c: 'cancelled' });
    run.now += 10_000;
    run.apply({ type: 'retry', by });
    expect(run.lastEvents).toEqual(['run.retried', 'task.dispatched b', 'task.dispatched c']);
    expect(run.dispatched).toMatchObject([
      { task: 'b', agent: 'noop', fence: 3, attempt: 3, deadline: 1_011_000 },
      { task: 'c', fence: 2 },
    ]);
    expect(run.task('b')).toMatchObject({ failures: 0, losses: 0, rounds: 0, fallback: 0 });
    expect(run.state).toMatchObject({ status: 'running', slot: true, deadlineAt: 1_011_000, startedAt: 1_000_000 });
    expect(run.state).not.toHaveProperty('error');
    expect(run.state).not.toHaveProperty('finishedAt');
    expect(run.last.redriven).toEqual([{ stage: 'b', by, asked: 'run' }]);
    run.succeed('b', 2);
    run.succeed('c', 3);
    run.succeed('d', 4);
    expect(run.state).toMatchObject({ status: 'succeeded', output: { d: 4 } });
  });

  test('of a run that was cancelled in the queue begins it', () => {
    const run = new Harness([stage('a')]);
    run.state = run.created.queued.state;
    run.apply({ type: 'cancel', by });
    run.apply({ type: 'retry', by });
    expect(run.lastEvents).toEqual(['run.retried', 'task.dispatched a']);
    expect(run.state).toMatchObject({ status: 'running', startedAt: 1_000_000 });
  });

  test('of a run that cannot form its output fails again', () => {
    const run = new Harness([stage('a')], { output: '${stages.a.output.missing}' });
    run.succeed('a', {});
    run.apply({ type: 'retry', by });
    expect(run.lastEvents).toEqual(['run.retried', 'run.failed']);
  });

  test('decides anew on a condition that failed, which may fail again', () => {
    const run = new Harness([stage('a', { when: 'input.missing' })]);
    run.apply({ type: 'retry', by });
    expect(run.lastEvents).toEqual(['run.retried', 'task.dead a', 'run.failed']);
    expect(run.last.deadLetters).toHaveLength(1);
  });

  test('of a run that has not failed is a conflict', () => {
    const run = new Harness([stage('a')]);
    run.apply({ type: 'retry', by });
    expect(run.verdict).toMatchObject(conflict);
    run.succeed('a');
    run.apply({ type: 'retry', by });
    expect(run.verdict).toMatchObject(conflict);
  });

  test('keeps answers and checkpoints of the same agent', () => {
    const run = new Harness([stage('a')]);
    run.end('a', { status: 'asked', question: { key: 'k', question: '?' } }, { checkpoint: 2 });
    run.apply({ type: 'answer', decision: [...run.state.decisions.keys()][0] ?? '', answer: 1, by });
    run.apply({ type: 'cancel', by }, { type: 'retry', by });
    expect(run.dispatched).toMatchObject([{ restored: 2, answers: [{ key: 'k', answer: 1 }] }]);
  });
});

describe('redrive', () => {
  test('tries a dead task again with another input', () => {
    const run = new Harness([stage('a', { input: '${input}' })], {}, { input: { bad: true } });
    run.fail('a', { disposition: 'terminal' });
    run.apply({ type: 'redrive', task: 'a', by, input: { good: true } });
    expect(run.lastEvents).toEqual(['task.redriven a', 'run.retried', 'task.dispatched a']);
    expect(run.dispatched).toMatchObject([{ input: { good: true } }]);
    expect(run.last.redriven).toEqual([{ stage: 'a', by, asked: 'letter', input: { good: true } }]);
    run.fail('a', { disposition: 'terminal' });
    expect(run.last.deadLetters).toMatchObject([{ input: { good: true } }]);
  });

  test('without another input uses the old one', () => {
    const run = new Harness([stage('a')], {}, { input: 1 });
    run.fail('a', { disposition: 'terminal' });
    run.apply({ type: 'redrive', task: 'a', by });
    expect(run.dispatched).toMatchObject([{ input: 1 }]);
  });

  test('of a task that is not dead is refused', () => {
    const run = new Harness([stage('a')]);
    run.apply({ type: 'redrive', task: 'a', by }, { type: 'redrive', task: 'zz', by });
    const refused = { taken: false, why: 'conflict', code: 'DEAD_LETTER_NOT_FOUND' };
    expect(run.last.verdicts).toMatchObject([refused, refused]);
  });
});

describe("the run's deadline", () => {
  test('fails the run and stops its attempts', () => {
    const run = new Harness([stage('a'), stage('b')], { timeoutMs: 1_000, concurrency: 1 });
    run.later(999);
    expect(run.verdict).toEqual(stale);
    run.later(1);
    expect(run.state).toMatchObject({ status: 'failed', slot: false, error: { code: 'DEADLINE_EXCEEDED' } });
    expect(run.last.commands).toMatchObject([{ type: 'cancel-attempt', task: 'a', reason: 'deadline' }, { task: 'b' }]);
  });

  test('goes on while the run is paused', () => {
    const run = new Harness([stage('a')], { timeoutMs: 1_000 });
    run.apply({ type: 'pause', by });
    run.later(1_000);
    expect(run.state.status).toBe('failed');
  });

  test('does not concern queued and ended runs', () => {
    const run = new Harness([stage('a')], { timeoutMs: 1_000 });
    run.succeed('a');
    run.later(5_000);
    expect(run.verdict).toEqual(stale);
    run.state = run.created.queued.state;
    run.later(5_000);
    expect(run.verdict).toEqual(stale);
  });

  test('several decisions that expire at once end the run only once', () => {
    const run = new Harness([stage('a'), stage('b')]);
    for (const id of ['a', 'b']) run.end(id, { status: 'asked', question: { key: 'k', question: '?', timeoutMs: 10 } });
    run.later(10);
    expect(run.lastEvents.filter((event) => event === 'run.failed')).toHaveLength(1);
    expect(run.statuses()).toEqual({ a: 'dead', b: 'cancelled' });
  });
});
