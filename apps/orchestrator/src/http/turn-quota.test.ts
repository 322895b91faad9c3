import { describe, expect, test } from '@jest/globals';
import { TurnQuota } from './turn-quota.ts';

const begun = (quota: TurnQuota, urgent: boolean): number => Array.from({ length: 300 }, () => quota.begin(urgent)).filter(Boolean).length;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('TurnQuota', () => {
  test('bounds each kind in a turn, and begins anew with the next', async () => {
    const quota = new TurnQuota(() => false);
    expect(begun(quota, false)).toBe(100);
    expect(begun(quota, false)).toBe(0);
    expect(begun(quota, true)).toBe(100);
    await turn();
    expect(begun(quota, true)).toBe(100);
  });

  test('while urgent runs are about, fewer of the others are begun', async () => {
    let hasUrgent = true;
    const quota = new TurnQuota(() => hasUrgent);
    expect(begun(quota, false)).toBe(20);
    expect(begun(quota, true)).toBe(100);
    await turn();
    hasUrgent = false;
    expect(begun(quota, false)).toBe(100);
  });

  test('those beyond are called back in later turns, in their order, so many in each', async () => {
    const quota = new TurnQuota(() => false);
    const called: number[] = [];
    for (let n = 0; n < 250; n++) expect(quota.later(() => void called.push(n))).toBe(true);
    expect(called).toEqual([]);
    await turn();
    expect(called).toHaveLength(100);
    await turn();
    await turn();
    expect(called).toEqual(Array.from({ length: 250 }, (_, n) => n));
  });

  test('one that is called back counts in its turn', async () => {
    const quota = new TurnQuota(() => false);
    expect(begun(quota, false)).toBe(100);
    let taken = 0;
    for (let n = 0; n < 40; n++) quota.later(() => (taken += quota.begin(false) ? 1 : 0));
    await turn();
    expect(taken).toBe(40);
    expect(begun(quota, false)).toBe(60);
  });

  test('no more than a thousand wait, and none while urgent runs are about', async () => {
    let hasUrgent = false;
    const quota = new TurnQuota(() => hasUrgent);
    let called = 0;
    const wait = () => quota.later(() => (called += 1));
    expect(Array.from({ length: 1_001 }, wait).filter(Boolean)).toHaveLength(1_000);
    for (let n = 0; n < 10; n++) await turn();
    expect(called).toBe(1_000);
    hasUrgent = true;
    expect(wait()).toBe(false);
  });
});
