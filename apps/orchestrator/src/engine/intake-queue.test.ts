import { describe, expect, test } from '@jest/globals';
import { IntakeQueue } from './intake-queue.ts';

function filled(urgent: number, others: number): IntakeQueue<string> {
  const queue = new IntakeQueue<string>();
  for (let index = 0; index < others; index++) queue.add(`other ${index}`, false);
  for (let index = 0; index < urgent; index++) queue.add(`urgent ${index}`, true);
  return queue;
}

describe('IntakeQueue', () => {
  test('gives urgent submissions first, and each kind in the order of arrival', () => {
    const queue = filled(2, 3);
    expect(queue.size).toBe(5);
    expect(queue.take(16)).toEqual(['urgent 0', 'urgent 1', 'other 0', 'other 1']);
    expect(queue.take(16)).toEqual(['other 2']);
    expect([queue.take(16), queue.size]).toEqual([[], 0]);
  });

  test('presses while urgent ones wait', () => {
    const queue = filled(1, 1);
    expect(queue.pressing).toBe(true);
    queue.take(8);
    queue.add('other', false);
    expect(queue.pressing).toBe(false);
  });

  test('without room only urgent ones are given', () => {
    let room = 0;
    const queue = new IntakeQueue<string>(() => room);
    for (const name of ['a', 'b', 'c']) queue.add(name, false);
    expect(queue.take(8)).toBeUndefined();
    queue.add('urgent', true);
    expect(queue.take(8)).toEqual(['urgent']);
    room = 2.5;
    expect(queue.take(8)).toEqual(['a', 'b']);
    room = -10;
    expect(queue.take(8)).toBeUndefined();
    expect([queue.clear(), queue.size]).toEqual([['c'], 0]);
  });

  test('an urgent one travels with few others; without it as many go as are asked for', () => {
    const queue = filled(1, 100);
    expect(queue.take(32)).toHaveLength(5);
    expect(queue.take(32)).toHaveLength(32);
  });

  test('lets some of the others into every batch, however many are urgent', () => {
    const queue = filled(100, 10);
    const batch = queue.take(32) ?? [];
    expect(batch.filter((item) => item.startsWith('other'))).toEqual(['other 0', 'other 1', 'other 2', 'other 3']);
    expect(batch).toHaveLength(32);
    expect(
      filled(100, 1)
        .take(32)
        ?.filter((item) => item.startsWith('other')),
    ).toHaveLength(1);
    expect(filled(100, 0).take(32)).toHaveLength(32);
  });
});
