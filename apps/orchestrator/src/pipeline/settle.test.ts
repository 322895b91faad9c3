import { describe, expect, test } from '@jest/globals';
import { Harness, messages, stage } from './testing/harness.ts';

describe('a run begins', () => {
  test('with all stages that need nothing, dispatched under fence 1 as attempt 1', () => {
    const run = new Harness([stage('a'), stage('b'), stage('c', { needs: ['a'] })]);
    expect(run.events.map((event) => event.type)).toEqual(['run.created', 'run.started', 'task.dispatched', 'task.dispatched']);
    expect(run.statuses()).toEqual({ a: 'dispatched', b: 'dispatched' });
    expect(run.task('a')).toMatchObject({ attempt: 1, fence: 1, agent: 'noop' });
  });

  test('with complete task messages', () => {
    const more = { input: { p: '${input.path}' }, timeoutMs: 5_000 };
    const run = new Harness([stage('a', more)], { timeoutMs: 60_000 }, { input: { path: '/x' }, priority: 5 });
    expect(messages(run.commands)).toEqual([
      {
        v: 1,
        id: 'id-1',
        type: 'task',
        tenant: 't',
        run: 'run',
        task: 'a',
        attempt: 1,
        fence: 1,
        deadline: 1_060_000,
        correlationId: 'c',
        traceparent: 'tp',
        agent: 'noop',
        pipeline: 'p',
        priority: 'high',
        input: { p: '/x' },
        timeoutMs: 5_000,
        idempotencyKey: 'run:a',
        answers: [],
      },
    ]);
  });

  test('queued, without tasks, when it must wait for a slot', () => {
    const { created } = new Harness([stage('a')], { concurrency: 1 });
    expect(created.queued.events.map((event) => event.type)).toEqual(['run.created', 'run.queued']);
    expect(created.queued.state).toMatchObject({ status: 'queued', seq: 2, slot: false, pipeline: 'p', version: 3, createdAt: 1_000_000 });
    expect(created.queued.state.tasks.size).toBe(0);
    expect(created.queued.before.seq).toBe(0);
    expect(created.started.state).toMatchObject({ status: 'running', slot: true, startedAt: 1_000_000 });
  });

  test('from the queue when a slot is free, once', () => {
    const run = new Harness([stage('a')], { concurrency: 1, timeoutMs: 1_000 });
    run.state = run.created.queued.state;
    run.now += 5_000;
    run.apply({ type: 'start' }, { type: 'start' });
    expect(run.last.verdicts).toEqual([{ taken: true }, { taken: false, why: 'stale' }]);
    expect(run.lastEvents).toEqual(['run.started', 'task.dispatched a']);
    expect(run.state).toMatchObject({ slot: true, startedAt: 1_005_000, deadlineAt: 1_006_000, seq: 4 });
  });

  test('without a slot when its pipeline has no limit', () => {
    expect(new Harness([stage('a')]).state.slot).toBe(false);
  });
});

describe('a run goes on', () => {
  test('with a stage as soon as everything that it needs is done', () => {
    const run = new Harness([stage('a'), stage('b'), stage('c', { needs: ['a', 'b'], input: '${stages.a.output.n}' })]);
    run.succeed('a', { n: 7 });
    expect(run.dispatched).toEqual([]);
    run.succeed('b');
    expect(run.dispatched).toMatchObject([{ task: 'c', input: 7 }]);
  });

  test('past stages whose condition is false, which count as done', () => {
    const run = new Harness(
      [
        stage('a', { when: 'input.go' }),
        stage('b', { needs: ['a'], when: "stages.a.status == 'succeeded'" }),
        stage('c', { needs: ['b'], input: ['${stages.b.status}', '${stages.b.output}'] }),
      ],
      {},
      { input: { go: false } },
    );
    expect(run.statuses()).toEqual({ a: 'skipped', b: 'skipped', c: 'dispatched' });
    expect(messages(run.commands)).toMatchObject([{ task: 'c', input: ['skipped', null] }]);
  });

  test('through a thousand skipped stages without overflowing the stack', () => {
    const chain = Array.from({ length: 1_000 }, (_, i) =>
      stage(`s${String(i)}`, { when: 'input.no', ...(i > 0 ? { needs: [`s${String(i - 1)}`] } : {}) }),
    );
    const run = new Harness(chain, {}, { input: { no: false } });
    expect(run.state.status).toBe('succeeded');
    expect(run.state.tasks.size).toBe(1_000);
  });

  test('to its end when all stages are done, with the outputs of the last ones', () => {
    const run = new Harness([stage('a'), stage('b', { needs: ['a'] }), stage('c', { needs: ['a'] })], { concurrency: 2 });
    run.succeed('a', 1);
    run.succeed('b', 2);
    run.now += 5;
    run.succeed('c', 3);
    expect(run.lastEvents).toEqual(['task.succeeded c', 'run.succeeded']);
    expect(run.state).toMatchObject({ status: 'succeeded', output: { b: 2, c: 3 }, finishedAt: 1_000_005, slot: false });
  });

  test('to its end with the output that the definition describes', () => {
    const run = new Harness([stage('a')], { output: { n: '${stages.a.output.n + 1}', of: '${input.name}' } }, { input: { name: 'x' } });
    run.succeed('a', { n: 1 });
    expect(run.state.output).toEqual({ n: 2, of: 'x' });
  });

  test('to failure when its output cannot be formed', () => {
    const run = new Harness([stage('a')], { output: '${stages.a.output.missing}' });
    run.succeed('a', {});
    expect(run.state).toMatchObject({ status: 'failed', error: { code: 'RUN_FAILED', cause: { code: 'EXPRESSION_FAILED' } } });
    expect(run.lastEvents).toEqual(['task.succeeded a', 'run.failed']);
  });

  test('a condition that cannot be evaluated fails its stage for good', () => {
    const run = new Harness([stage('a', { when: 'input.missing' })]);
    expect(run.state.status).toBe('failed');
    expect(run.task('a')).toMatchObject({ status: 'dead', attempt: 0, error: { code: 'EXPRESSION_FAILED' } });
    expect(run.last.deadLetters).toMatchObject([{ stage: 'a', attempt: 0, input: {} }]);
  });

  test('a mapping that cannot be evaluated fails its stage for good, with no input in the dead letter', () => {
    const run = new Harness([stage('a', { input: '${input.missing}' })]);
    expect(run.task('a')).toMatchObject({ status: 'dead', error: { code: 'EXPRESSION_FAILED' } });
    expect(run.last.deadLetters).toMatchObject([{ input: null }]);
  });

  test('an input that the agent refuses fails its stage for good, saying where', () => {
    const run = new Harness([stage('a')], {}, { inputProblems: (agent) => [`/path: ${agent} needs a string`] });
    expect(run.task('a')).toMatchObject({
      status: 'dead',
      error: { code: 'AGENT_INPUT_INVALID', details: { issues: ['/path: noop needs a string'] }, disposition: 'terminal' },
    });
    expect(run.commands).toEqual([]);
  });

  test('a failing stage at the start leaves no further stage begun', () => {
    const run = new Harness([stage('a', { when: 'input.missing' }), stage('b')]);
    expect(run.statuses()).toEqual({ a: 'dead' });
  });

  test('a stage whose condition fails stops its siblings from beginning', () => {
    const run = new Harness([stage('a'), stage('b', { needs: ['a'], when: 'input.missing' }), stage('c', { needs: ['a'] })]);
    run.succeed('a');
    expect(run.statuses()).toEqual({ a: 'succeeded', b: 'dead' });
  });
});
