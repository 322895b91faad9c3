import { describe, expect, test } from '@jest/globals';
import { dueAt } from '../pipeline/model.ts';
import { Harness } from '../pipeline/testing/harness.ts';
import { nextDue } from './next-due.ts';

const retry = { baseMs: 100, jitter: 'none' };
const scene = (more: object = {}): Harness =>
  new Harness(
    [
      { id: 'a', agent: 'x', retry },
      { id: 'b', agent: 'x', retry },
    ],
    more,
  );

describe('nextDue', () => {
  test('is the deadline of a run that begins', () => {
    const run = scene({ timeoutMs: 5_000 });
    expect(nextDue(run.last)).toBe(run.now + 5_000);
  });

  test('is the time of the retry that a failure brings, and nothing for what was known before', () => {
    const run = scene({ timeoutMs: 5_000 });
    expect(nextDue(run.fail('a'))).toBe(run.now + 100);
    expect(nextDue(run.report('b'))).toBe(Infinity);
  });

  test('is the end of a question', () => {
    const run = scene();
    expect(nextDue(run.end('a', { status: 'asked', question: { key: 'k', question: '?', timeoutMs: 700 } }))).toBe(run.now + 700);
  });

  test('is everything that is due when a run goes on after it stood still', () => {
    const run = scene();
    run.fail('a');
    expect(nextDue(run.apply({ type: 'pause', by: 'x' }))).toBe(Infinity);
    expect(nextDue(run.apply({ type: 'resume', by: 'x' }))).toBe(dueAt(run.state));
    expect(nextDue(run.apply({ type: 'pause', by: 'x' }, { type: 'resume', by: 'x' }))).toBe(Infinity);
  });

  test('is nothing for a run that has ended', () => {
    expect(nextDue(scene({ timeoutMs: 10 }).apply({ type: 'cancel', by: 'x' }))).toBe(Infinity);
  });
});
