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
});
