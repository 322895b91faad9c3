import { describe, expect, test } from '@jest/globals';
import { Harness, stage } from './testing/harness.ts';
import { lossDelayMs } from './worker-news.ts';

describe('a report', () => {
  test('shows once that the attempt has begun, and progress when it changes', () => {
    const run = new Harness([stage('a')]);
    run.report('a', { progress: { fraction: 0.1, note: 'x' } });
    expect(run.lastEvents).toEqual(['task.started a', 'task.progress a']);
    expect(run.task('a')).toMatchObject({ status: 'running', worker: 'w1', startedAt: 1_000_000, progress: { fraction: 0.1, note: 'x' } });
    const { state } = run;
    run.report('a', { progress: { fraction: 0.1, note: 'x' } });
    expect([run.verdict, run.state === state, run.last.touched.size]).toEqual([{ taken: false, why: 'stale' }, true, 0]);
    run.report('a', { progress: { fraction: 0.2 } });
    expect(run.lastEvents).toEqual(['task.progress a']);
    expect(run.last.events[0]?.data).toEqual({ fraction: 0.2 });
  });

  test('keeps progress that it does not mention', () => {
    const run = new Harness([stage('a')]);
    run.report('a', { progress: { fraction: 0.5 } });
    run.report('a', { checkpoint: 1 });
    expect(run.task('a')).toMatchObject({ progress: { fraction: 0.5 }, checkpoint: 1 });
  });

  test('that a later one has overtaken tells its events only: progress and checkpoint never go back', () => {
    const run = new Harness([stage('a')]);
    run.report('a', { number: 2, progress: { fraction: 0.5 }, checkpoint: 2 });
    run.report('a', { number: 1, progress: { fraction: 0.1 }, checkpoint: 1, events: [{ name: 'found', at: 5 }] });
    expect(run.lastEvents).toEqual(['task.emitted a']);
    expect(run.task('a')).toMatchObject({ progress: { fraction: 0.5 }, checkpoint: 2, reported: 2 });
    run.report('a', { number: 2, progress: { fraction: 0.5 }, checkpoint: 2 });
    expect(run.verdict).toEqual({ taken: false, why: 'stale' });
    run.report('a', { number: 3, checkpoint: 3 });
    expect(run.task('a')).toMatchObject({ checkpoint: 3, reported: 3 });
  });

  test('stores checkpoints, without showing them in the event', () => {
    const run = new Harness([stage('a')]);
    run.report('a', { checkpoint: { secret: 1 } });
    expect(run.lastEvents).toEqual(['task.started a', 'task.checkpointed a']);
    expect(JSON.stringify(run.last.events)).not.toContain('secret');
    expect([...run.last.checkpoints]).toEqual(['a']);
  });

  test('passes on what the agent emitted', () => {
    const run = new Harness([stage('a')]);
    run.report('a', {
      events: [
        { name: 'found', data: { n: 1 }, at: 5 },
        { name: 'bare', at: 6 },
      ],
    });
    expect(run.last.events.slice(1).map((event) => event.data)).toEqual([
      { name: 'found', data: { n: 1 }, at: 5 },
      { name: 'bare', at: 6 },
    ]);
  });

  test('of another attempt changes nothing', () => {
    const run = new Harness([stage('a')]);
    run.report('a', { fence: 2, checkpoint: 1 });
    expect(run.verdict).toEqual({ taken: false, why: 'stale' });
  });
});

describe('a lost worker', () => {
  test('costs an attempt but no failure; another one gets the task at once with the checkpoint', () => {
    const run = new Harness([stage('a')]);
    run.report('a', { checkpoint: 9 });
    run.lose('a');
    expect(run.lastEvents).toEqual(['task.lost a', 'task.dispatched a']);
    expect(run.dispatched).toMatchObject([{ attempt: 2, fence: 2, restored: 9 }]);
    expect(run.task('a')).toMatchObject({ failures: 0, losses: 1 });
    expect(run.last.commands).toHaveLength(1);
  });

  test('from the second on delays the task, longer each time, so that it does not kill workers faster than they come back', () => {
    const run = new Harness([stage('a')]);
    const delays = [];
    for (let loss = 1; loss <= 4; loss++) {
      run.lose('a');
      const task = run.task('a');
      delays.push(task.status === 'ready' ? task.dueAt - run.now : 0);
      if (task.status === 'ready') {
        expect(run.last.events.find(({ type }) => type === 'task.lost')?.data).toMatchObject({ dueAt: task.dueAt });
        expect(run.later(task.dueAt - run.now - 1).commands).toEqual([]);
        run.later(1);
      }
      expect(run.task('a')).toMatchObject({ status: 'dispatched', attempt: loss + 1 });
    }
    expect(delays).toEqual([0, 750, 1_500, 3_000]);
  });

  test.each([
    [0, 30_000 / 2],
    [0.999, 30_000],
  ])('delays it by half a minute at most, half of that random (%p)', (random, most) => {
    expect(lossDelayMs(100, () => random)).toBeLessThanOrEqual(most);
    expect(lossDelayMs(100, () => random)).toBeGreaterThan(most * 0.99 - 1);
  });

  test('that is only silent is told to stop', () => {
    const run = new Harness([stage('a')]);
    run.report('a');
    run.lose('a', 'silent');
    expect(run.last.commands[0]).toEqual({ type: 'cancel-attempt', task: 'a', fence: 1, worker: 'w1', reason: 'lease-lost' });
  });

  test('too many of them end the task', () => {
    const run = new Harness([stage('a', { retry: { maxLosses: 1 } })]);
    run.lose('a');
    run.now += 10;
    run.lose('a', 'silent');
    const lost = [
      { worker: 'w1', reason: 'died', attempt: 1, at: 1_000_000 },
      { worker: 'w1', reason: 'silent', attempt: 2, at: 1_000_010 },
    ];
    expect(run.task('a')).toMatchObject({
      status: 'dead',
      losses: 2,
      error: { code: 'WORKER_LOST', disposition: 'terminal', details: { losses: 2, maxLosses: 1, lost } },
    });
    expect(run.last.deadLetters).toMatchObject([{ losses: 2, error: { details: { lost } } }]);
  });

  test('are remembered, the last ten of them, until the task begins anew', () => {
    const run = new Harness([stage('a', { retry: { maxLosses: 11 } })]);
    for (let loss = 1; loss <= 12; loss++) {
      run.lose('a');
      run.later(30_000);
    }
    const dead = run.task('a');
    expect([dead.status, dead.losses, dead.lost?.length, dead.lost?.at(-1)?.attempt]).toEqual(['dead', 12, 10, 12]);
    run.apply({ type: 'retry', by: 'ann' });
    expect([run.task('a').losses, run.task('a').lost]).toEqual([0, undefined]);
  });

  test('of an earlier attempt changes nothing', () => {
    const run = new Harness([stage('a')]);
    run.apply({ type: 'lost', task: 'a', fence: 7, worker: 'w1', reason: 'died' });
    expect(run.verdict).toEqual({ taken: false, why: 'stale' });
  });
});

describe('an undelivered dispatch', () => {
  test('is repeated under a new fence without cost', () => {
    const run = new Harness([stage('a')]);
    run.apply({ type: 'undelivered', task: 'a', fence: 1 });
    expect(run.lastEvents).toEqual(['task.redispatched a', 'task.dispatched a']);
    expect(run.dispatched).toMatchObject([{ attempt: 1, fence: 2 }]);
    run.apply({ type: 'undelivered', task: 'a', fence: 1 });
    expect(run.verdict).toEqual({ taken: false, why: 'stale' });
  });
});
