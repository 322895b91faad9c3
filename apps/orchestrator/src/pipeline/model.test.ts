import { describe, expect, test } from '@jest/globals';
import { dueAt, mayRetry, priorityClass } from './model.ts';
import { sameJson } from './same-json.ts';
import { Harness, stage } from './testing/harness.ts';

describe('the time at which a run is due', () => {
  test('is the earliest of backoff, decision and deadline', () => {
    const run = new Harness([stage('a'), stage('b')], { timeoutMs: 5_000 });
    expect(dueAt(run.state)).toBe(1_005_000);
    run.end('b', { status: 'asked', question: { key: 'k', question: '?', timeoutMs: 4_000 } });
    expect(dueAt(run.state)).toBe(1_004_000);
    run.fail('a');
    expect(dueAt(run.state)).toBe(1_001_000);
    run.apply({ type: 'pause', by: 'ann' });
    expect(dueAt(run.state)).toBe(1_004_000);
  });

  test('does not exist for runs that only wait for others, are queued or have ended', () => {
    const run = new Harness([stage('a')]);
    expect(dueAt(run.state)).toBeUndefined();
    expect(dueAt(run.created.queued.state)).toBeUndefined();
    run.end('a', { status: 'asked', question: { key: 'k', question: '?' } });
    expect(dueAt(run.state)).toBeUndefined();
    run.apply({ type: 'cancel', by: 'ann' });
    expect(dueAt(run.state)).toBeUndefined();
  });
});

test('priorities fall into three classes', () => {
  expect([100, 1, 0, -1].map(priorityClass)).toEqual(['high', 'high', 'normal', 'low']);
});

test('only retryable errors may be retried', () => {
  expect((['retryable', 'terminal', 'cancelled'] as const).map(mayRetry)).toEqual([true, false, false]);
});

describe('equality of JSON', () => {
  test.each([
    [{ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 }, true],
    [[1, 2], [2, 1], false],
    [[1], { 0: 1 }, false],
    [{ a: 1 }, { a: 1, b: 2 }, false],
    [{ a: 1 }, { b: 1 }, false],
    [null, {}, false],
    ['1', 1, false],
  ])('of %j and %j is %p', (a, b, same) => {
    expect(sameJson(a, b)).toBe(same);
  });
});
