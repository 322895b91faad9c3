import { describe, expect, test } from '@jest/globals';
import type { Receipt } from '@mainstay/transport';
import type { TaskMessage } from '@mainstay/types';
import { task as taskOf } from '../testing/task.ts';
import { Ledger, taskKey } from './ledger.ts';

const entry = (name: string): Receipt => ({ lane: 'tasks', entry: name });
const admit = (ledger: Ledger, task: TaskMessage, receipt: Receipt) => ledger.admit(taskKey(task), task, receipt);

describe('Ledger', () => {
  test('tells apart what is new, in hand, a duplicate and stale', () => {
    const ledger = new Ledger();
    const task = taskOf('it', {}, { fence: 2 });
    expect(admit(ledger, task, entry('1'))).toBe('new');
    expect(admit(ledger, task, entry('1'))).toBe('in-hand');
    expect(admit(ledger, task, entry('2'))).toBe('duplicate');
    expect(admit(ledger, { ...task, fence: 1 }, entry('3'))).toBe('stale');
    expect(admit(ledger, { ...task, fence: 3 }, entry('4'))).toBe('new');
    ledger.release(entry('1'));
    expect(admit(ledger, task, entry('1'))).toBe('stale');
  });

  test('tells the entries of two lanes apart', () => {
    const ledger = new Ledger();
    admit(ledger, taskOf('it', {}), entry('1'));
    expect(admit(ledger, taskOf('it', {}), { lane: 'others', entry: '1' })).toBe('new');
  });

  test('remembers the last ten thousand tasks, and not for ever', () => {
    const ledger = new Ledger();
    const tasks = Array.from({ length: 20_001 }, (_, n) => taskOf('it', {}, { run: `run-${n}` }));
    tasks.forEach((task, n) => {
      admit(ledger, task, entry(String(n)));
    });
    const [oldest] = tasks;
    const remembered = tasks.at(-10_001);
    if (oldest === undefined || remembered === undefined) throw new Error('no tasks');
    expect(admit(ledger, remembered, entry('again one of the last'))).toBe('duplicate');
    expect(admit(ledger, oldest, entry('again the oldest'))).toBe('new');
  });
});
