import { describe, expect, test } from '@jest/globals';
import { Recent } from './recent.ts';

describe('Recent', () => {
  test('keeps what was set last, within the bound', () => {
    const recent = new Recent<number, number>(10);
    for (let n = 0; n < 100; n++) recent.set(n, n);
    const kept = Array.from({ length: 100 }, (_, n) => n).filter((n) => recent.get(n) !== undefined);
    expect(kept.length).toBeGreaterThanOrEqual(5);
    expect(kept.length).toBeLessThanOrEqual(10);
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, n) => 100 - kept.length + n));
  });

  test('gives the value that was set last', () => {
    const recent = new Recent<string, number>(2);
    recent.set('a', 1);
    recent.set('b', 2);
    recent.set('a', 3);
    expect([recent.get('a'), recent.get('b')]).toEqual([3, 2]);
    recent.clear();
    expect(recent.get('a')).toBeUndefined();
  });
});
