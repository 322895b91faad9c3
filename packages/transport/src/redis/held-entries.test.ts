import { describe, expect, test } from '@jest/globals';
import { receiptOf } from '../receipts.ts';
import { HeldEntries } from './held-entries.ts';

describe('held entries', () => {
  test('are known by lane and id, with or without a payload, until they are deleted', () => {
    const held = new HeldEntries();
    held.add(receiptOf('a', '1-0', undefined));
    held.add(receiptOf('a', '2-0', 'name'));
    expect([held.has('a', '1-0'), held.has('a', '2-0'), held.has('b', '1-0')]).toEqual([true, true, false]);
    held.delete(receiptOf('a', '2-0', undefined));
    held.delete(receiptOf('b', '1-0', undefined));
    expect([held.has('a', '1-0'), held.has('a', '2-0')]).toEqual([true, false]);
  });
});
