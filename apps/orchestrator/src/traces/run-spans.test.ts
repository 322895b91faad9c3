import { describe, expect, test } from '@jest/globals';
import { dispatchSpanId, runSpanId, taskSpanId } from '@mainstay/observability';
import fc from 'fast-check';
import { Harness, stage } from '../pipeline/testing/harness.ts';
import { runSpans } from './run-spans.ts';

const place = { traceId: 'a'.repeat(32), parentSpanId: 'c'.repeat(16), sampled: true };
const spansOf = (run: Harness) => runSpans(run.state, place, run.events);

/** Every parent is a span of the run, or the caller; every id is there once; no child begins before its parent. */
function expectTree(run: Harness): ReturnType<typeof spansOf> {
  const spans = spansOf(run);
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  expect(byId.size).toBe(spans.length);
  for (const { parentSpanId = '', startMs, endMs } of spans) {
    expect(endMs).toBeGreaterThanOrEqual(startMs);
    if (parentSpanId !== place.parentSpanId) expect(byId.get(parentSpanId)?.startMs).toBeLessThanOrEqual(startMs);
  }
  expect(spans.filter(({ parentSpanId }) => parentSpanId === place.parentSpanId)).toHaveLength(1);
  return spans;
}

describe('runSpans', () => {
  test('there are none before the end', () => {
    expect(spansOf(new Harness([stage('a')]))).toEqual([]);
  });

  test('a task of one dispatch is one span, with the id that its attempt has as its parent', () => {
    const run = new Harness([stage('a'), stage('b', { needs: ['a'] })]);
    run.now += 5;
    run.succeed('a');
    run.now += 7;
    run.fail('b', { disposition: 'terminal' });
    const [, ...tasks] = expectTree(run);
    expect(tasks.map(({ spanId, name, kind, endMs, startMs }) => [spanId, name, kind, endMs - startMs])).toEqual([
      [dispatchSpanId('run', 'a', 1), 'task a', 'producer', 5],
      [dispatchSpanId('run', 'b', 1), 'task b', 'producer', 7],
    ]);
    expect(tasks.map(({ attributes, error }) => [attributes['mainstay.outcome'], attributes['mainstay.task.status'], error?.type])).toEqual(
      [
        ['succeeded', 'succeeded', undefined],
        ['failed', 'dead', 'AGENT_FAILED'],
      ],
    );
  });

  test('a task that went on after its dispatch has a span of its own', () => {
    const run = new Harness([stage('a')]);
    run.now += 5;
    run.fail('a');
    run.now += 3;
    run.apply({ type: 'cancel', by: 'ann' });
    expect(expectTree(run).map(({ spanId, name, endMs, startMs }) => [spanId, name, endMs - startMs])).toEqual([
      [runSpanId('run', 0), 'run p', 8],
      [dispatchSpanId('run', 'a', 1), 'dispatch noop', 5],
      [taskSpanId('run', 'a', 0), 'task a', 8],
    ]);
  });

  test('a retry is two dispatches with a wait between; the second leads to the first', () => {
    const run = new Harness([stage('a')]);
    run.now += 5;
    run.fail('a');
    run.later(1_000);
    run.now += 7;
    run.succeed('a');
    const spans = expectTree(run);
    expect(spans.map(({ name, startMs, endMs }) => [name, endMs - startMs])).toEqual([
      ['run p', 1_012],
      ['dispatch noop', 5],
      ['wait retry', 1_000],
      ['dispatch noop', 7],
      ['task a', 1_012],
    ]);
    expect(spans[3]?.links?.map(({ spanId }) => spanId)).toEqual([dispatchSpanId('run', 'a', 1)]);
    expect([spans[1]?.error?.type, spans[3]?.error, spans[0]?.error]).toEqual(['AGENT_FAILED', undefined, undefined]);
  });

  test('a retried run is a new span that leads to the one before, and so do its tasks', () => {
    const run = new Harness([stage('a')]);
    run.fail('a', { disposition: 'terminal' });
    const [failed] = expectTree(run);
    expect([failed?.spanId, failed?.error?.type]).toEqual([runSpanId('run', 0), 'AGENT_FAILED']);
    run.now += 10;
    run.apply({ type: 'retry', by: 'ann' });
    run.succeed('a');
    const spans = expectTree(run);
    expect([spans[0]?.spanId, spans[0]?.links?.[0]?.spanId]).toEqual([runSpanId('run', 1), runSpanId('run', 0)]);
    const task = spans.find(({ name }) => name === 'task a');
    expect([task?.spanId, task?.links?.[0]?.spanId]).toEqual([dispatchSpanId('run', 'a', 2), dispatchSpanId('run', 'a', 1)]);
  });

  test('a decision is a span, and inputs, outputs, questions and answers are in none', () => {
    const run = new Harness([stage('a')], {}, { input: { secret: 'hidden-1' } });
    run.end('a', { status: 'asked', question: { key: 'k', question: 'hidden-2?' } });
    run.now += 9;
    const [decision = ''] = run.state.decisions.keys();
    run.apply({ type: 'answer', decision, answer: 'hidden-3', by: 'ann' });
    run.succeed('a', { text: 'hidden-4' });
    const spans = expectTree(run);
    expect(spans.find(({ name }) => name === 'decision question')).toMatchObject({ parentSpanId: taskSpanId('run', 'a', 0) });
    expect(JSON.stringify(spans)).not.toContain('hidden');
  });

  test('whatever happens, the tree is whole, and whoever makes it makes the same', () => {
    const step = fc.constantFrom('succeed', 'fail', 'kill', 'suspend', 'later', 'pause', 'resume', 'undelivered', 'ask', 'answer', 'retry');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const run = new Harness([stage('a'), stage('b'), stage('c', { needs: ['a', 'b'] })]);
        for (const one of steps) play(run, one);
        if (!['succeeded', 'failed', 'cancelled'].includes(run.state.status)) run.apply({ type: 'cancel', by: 'ann' });
        expect(spansOf(run)).toEqual(expectTree(run));
      }),
    );
  });
});

function play(run: Harness, step: string): void {
  run.now += 3;
  const live = [...run.state.tasks.values()].find(({ status }) => status === 'dispatched' || status === 'running');
  const [decision] = run.state.decisions.keys();
  if (step === 'later') run.later(60_000);
  else if (step === 'pause' || step === 'resume' || step === 'retry') run.apply({ type: step, by: 'ann' });
  else if (step === 'answer' && decision !== undefined) run.apply({ type: 'answer', decision, answer: 1, by: 'ann' });
  if (live === undefined) return;
  const { stage: task, fence } = live;
  if (step === 'succeed') run.succeed(task);
  else if (step === 'fail') run.fail(task);
  else if (step === 'kill') run.lose(task);
  else if (step === 'suspend') run.end(task, { status: 'suspended' });
  else if (step === 'ask') run.end(task, { status: 'asked', question: { key: `k${String(run.now)}`, question: 'Well?' } });
  else if (step === 'undelivered') run.apply({ type: 'undelivered', task, fence });
}
