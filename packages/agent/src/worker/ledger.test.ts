import { describe, expect, test } from '@jest/globals';
import { task as taskOf } from '../testing/task.ts';
import { Ledger } from './ledger.ts';

const entry = (name: string) => ({ lane: 'tasks', entry: name });

describe('Ledger', () => {
  test('tells apart what is new, in hand, a duplicate and stale', () => {
    const ledger = new Ledger();
    const task = taskOf('it', {}, { fence: 2 });
    expect(ledger.admit(task, entry('1'))).toBe('new');
    expect(ledger.admit(task, entry('1'))).toBe('in-hand');
    expect(ledger.admit(task, entry('2'))).toBe('duplicate');
    expect(ledger.admit({ ...task, fence: 1 }, entry('3'))).toBe('stale');
    expect(ledger.admit({ ...task, fence: 3 }, entry('4'))).toBe('new');
    ledger.release(entry('1'));
    expect(ledger.admit(task, entry('1'))).toBe('stale');
  });

  test('forgets the oldest of very many tasks', () => {
    const ledger = new Ledger();
    const tasks = Array.from({ length: 10_001 }, (_, n) => taskOf('it', {}, { run: `run-${n}` }));
    tasks.forEach((task, n) => {
      ledger.admit(task, entry(String(n)));
    });
    const [oldest, second] = tasks;
    if (oldest === undefined || second === undefined) throw new Error('no tasks');
    expect(ledger.admit(second, entry('again second'))).toBe('duplicate');
    expect(ledger.admit(oldest, entry('again oldest'))).toBe('new');
  });
});
