import { describe, expect, test } from '@jest/globals';
import { createStreamSlots } from './stream-slots.ts';

describe('createStreamSlots', () => {
  test('bounds streams of one tenant and of all', () => {
    const slots = createStreamSlots({ max: 3, maxPerTenant: 2 });
    slots.take('a');
    slots.take('a');
    expect(() => slots.take('a')).toThrow(expect.objectContaining({ code: 'RATE_LIMITED', retryAfterMs: 5_000 }));
    slots.take('b');
    expect(() => slots.take('b')).toThrow(expect.objectContaining({ code: 'OVERLOADED' }));
  });

  test('gives a place back once, however often it is disposed', () => {
    const seen: number[] = [];
    const slots = createStreamSlots({ max: 2, maxPerTenant: 2 }, (open) => seen.push(open));
    const first = slots.take('a');
    slots.take('a');
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    expect(slots.open).toBe(1);
    expect(seen).toEqual([1, 2, 1]);
    expect(() => slots.take('a')).not.toThrow();
  });

  test('takes no streams once they are ended', () => {
    const slots = createStreamSlots({ max: 2, maxPerTenant: 2 });
    slots.endAll();
    expect(slots.signal.aborted).toBe(true);
    expect(() => slots.take('a')).toThrow(expect.objectContaining({ code: 'SHUTTING_DOWN' }));
  });
});
