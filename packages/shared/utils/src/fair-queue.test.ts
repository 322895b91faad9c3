import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FairQueue } from './fair-queue.ts';
import { type Priority, PRIORITIES, PRIORITY_TURNS } from './priority.ts';

interface Item {
  readonly tenant: string;
  readonly priority: Priority;
  readonly number: number;
}

const tenants = ['a', 'b', 'c', 'd'] as const;
const weights: Readonly<Record<string, number>> = { a: 1, b: 2, c: 5, d: 1 };
const weightOf = (tenant: string) => weights[tenant] ?? 1;
const tenantOf = fc.constantFrom(...tenants);
const priorityOf = fc.constantFrom<Priority>(...PRIORITIES);

function drain(queue: FairQueue<Item>): Item[] {
  const all: Item[] = [];
  for (let item = queue.take(); item !== undefined; item = queue.take()) all.push(item);
  return all;
}

describe('FairQueue', () => {
  test('gives out everything that was put in and not removed, once, in order within a tenant and priority', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(tenantOf, priorityOf, fc.boolean()), { maxLength: 80 }), (plan) => {
        const queue = new FairQueue<Item>(weightOf);
        const items = plan.map(([tenant, priority], number) => ({ tenant, priority, number }));
        for (const item of items) queue.add(item, item.tenant, item.priority);
        const removed = items.filter((_item, index) => plan[index]?.[2] === true);
        for (const item of removed) expect(queue.remove(item)).toBe(true);
        for (const item of removed) expect(queue.remove(item)).toBe(false);
        expect(queue.size).toBe(items.length - removed.length);
        expect(PRIORITIES.map((priority) => queue.sizeOf(priority)).reduce((sum, size) => sum + size)).toBe(queue.size);
        const out = drain(queue);
        expect(new Set(out)).toEqual(new Set(items.filter((item) => !removed.includes(item))));
        for (const tenant of tenants) {
          for (const priority of PRIORITIES) {
            const numbers = out.filter((one) => one.tenant === tenant && one.priority === priority).map(({ number }) => number);
            expect(numbers).toEqual(numbers.toSorted((left, right) => left - right));
          }
        }
      }),
    );
  });

  test('starves nobody: whoever is first of its tenant is reached after a bounded number of others, whatever keeps coming', () => {
    const lapTurns = PRIORITIES.reduce((sum, priority) => sum + PRIORITY_TURNS[priority], 0);
    const tenantTurns = tenants.reduce((sum, tenant) => sum + weightOf(tenant), 0);
    fc.assert(
      fc.property(
        tenantOf,
        priorityOf,
        fc.array(fc.tuple(tenantOf, priorityOf), { minLength: 1, maxLength: 12 }),
        (tenant, priority, flood) => {
          const queue = new FairQueue<Item>(weightOf);
          let number = 0;
          const pour = () => {
            for (const [from, of] of flood) queue.add({ tenant: from, priority: of, number: (number += 1) }, from, of);
          };
          pour();
          const mine: Item = { tenant, priority, number: 0 };
          const ahead = flood.filter(([from, of]) => from === tenant && of === priority).length;
          queue.add(mine, tenant, priority);
          // every lap of priorities gives this one its turns; a lap of tenants within it takes `tenantTurns` of those
          const turnsNeeded = (Math.ceil((ahead + 1) / weightOf(tenant)) + 1) * tenantTurns;
          const bound = (Math.ceil(turnsNeeded / PRIORITY_TURNS[priority]) + 1) * lapTurns;
          let taken = 0;
          while (queue.take() !== mine) {
            taken += 1;
            pour();
            expect(taken).toBeLessThanOrEqual(bound);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('shares turns between tenants as their weights say while all of them wait', () => {
    const queue = new FairQueue<Item>(weightOf);
    for (let number = 0; number < 200; number++) {
      for (const tenant of tenants) queue.add({ tenant, priority: 'normal', number }, tenant, 'normal');
    }
    const taken = Array.from({ length: 90 }, () => queue.take()?.tenant);
    expect(tenants.map((tenant) => taken.filter((one) => one === tenant).length)).toEqual([10, 20, 50, 10]);
  });

  test('serves the important first, 16 to 4 to 1', () => {
    const queue = new FairQueue<Item>();
    for (const priority of [...PRIORITIES].reverse()) {
      for (let number = 0; number < 50; number++) queue.add({ tenant: 'a', priority, number }, 'a', priority);
    }
    const order = Array.from({ length: 42 }, () => queue.take()?.priority ?? '').map(([first]) => first);
    expect(order.join('')).toBe(`${'h'.repeat(16)}nnnnl`.repeat(2));
  });

  test('lets a newcomer in at the cost of less important work, and of who has most of the queue', () => {
    const queue = new FairQueue<Item>();
    const put = (tenant: string, priority: Priority, number: number) => {
      const item = { tenant, priority, number };
      queue.add(item, tenant, priority);
      return item;
    };
    put('a', 'low', 1);
    put('b', 'low', 2);
    const last = put('b', 'low', 3);
    expect(queue.giveWay('c', 'normal')).toBe(last);
    queue.take();
    queue.take();
    expect(queue.giveWay('c', 'normal')).toBeUndefined();
    put('a', 'normal', 4);
    put('a', 'normal', 5);
    const most = put('a', 'normal', 6);
    expect(queue.giveWay('a', 'normal')).toBeUndefined();
    expect(queue.giveWay('a', 'low')).toBeUndefined();
    expect(queue.giveWay('b', 'normal')).toBe(most);
    put('b', 'normal', 7);
    expect(queue.giveWay('b', 'normal')).toBeUndefined();
  });

  test('is empty when nothing is in it', () => {
    expect(new FairQueue().take()).toBeUndefined();
    expect(new FairQueue().giveWay('a', 'high')).toBeUndefined();
  });
});
