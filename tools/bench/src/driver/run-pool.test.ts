import { describe, expect, test } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { runPool } from './run-pool.ts';

describe('runPool', () => {
  test('does every run once and never more than allowed at the same time', async () => {
    const done: number[] = [];
    let open = 0;
    let most = 0;
    const { latenciesMs } = await runPool(20, 3, async (index) => {
      most = Math.max(most, ++open);
      await turn();
      open -= 1;
      done.push(index);
    });
    expect(most).toBe(3);
    expect(done.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index));
    expect(latenciesMs).toHaveLength(20);
  });

  test('ends with the first failure', async () => {
    await expect(runPool(10, 2, (index) => (index === 4 ? Promise.reject(new Error('four')) : turn()))).rejects.toThrow('four');
  });
});
