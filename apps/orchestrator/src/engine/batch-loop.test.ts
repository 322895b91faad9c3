import { describe, expect, test } from '@jest/globals';
import { systemClock } from '@mainstay/utils';
import { BatchLoop } from './batch-loop.ts';

describe('BatchLoop', () => {
  test('takes a lone item at once, and gathers while a batch is under way, up to its bound', async () => {
    const batches: number[][] = [];
    const gates: (() => void)[] = [];
    const loop = new BatchLoop<number>({
      clock: systemClock,
      maxBatch: 3,
      work: (batch) => {
        batches.push([...batch]);
        return new Promise((resolve) => gates.push(resolve));
      },
    });
    loop.start();
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    loop.add(1);
    await turn();
    for (const item of [2, 3, 4, 5]) loop.add(item);
    expect([loop.backlog, loop.idle]).toEqual([4, false]);
    gates.shift()?.();
    await turn();
    loop.putBack([2]);
    gates.shift()?.();
    await turn();
    expect(batches).toEqual([[1], [2, 3, 4], [2, 5]]);
    loop.add(6);
    const stopped = loop.stop();
    gates.shift()?.();
    expect(await stopped).toEqual([6]);
  });
});
