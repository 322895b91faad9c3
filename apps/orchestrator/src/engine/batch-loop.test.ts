import { describe, expect, test } from '@jest/globals';
import { currentContext, runWithContext } from '@mainstay/observability';
import { ArrivalQueue, BatchLoop } from './batch-loop.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Negative numbers press. */
class Queue extends ArrivalQueue<number> {
  pressing = false;

  override add(item: number): void {
    super.add(item);
    this.pressing ||= item < 0;
  }

  override take(max: number): readonly number[] {
    this.pressing = false;
    return super.take(max);
  }
}

function scene(options: { readonly maxBatch: number; readonly parallel?: number; readonly minParallel?: number }) {
  const batches: number[][] = [];
  const gates: (() => void)[] = [];
  const source = new Queue();
  const loop = new BatchLoop<readonly number[]>({
    source,
    ...options,
    maxBatch: () => options.maxBatch,
    work: (batch) => {
      batches.push([...batch]);
      return new Promise((resolve) => gates.push(resolve));
    },
  });
  const add = (...items: readonly number[]): void => {
    for (const item of items) {
      source.add(item);
      loop.wake();
    }
  };
  return { batches, gates, source, loop, add };
}

describe('BatchLoop', () => {
  test('takes a lone item at once, and gathers while a batch is under way, up to its bound', async () => {
    const { batches, gates, source, loop, add } = scene({ maxBatch: 3 });
    loop.start();
    add(1);
    await turn();
    add(2, 3, 4, 5);
    await turn();
    expect([source.size, loop.idle, batches]).toEqual([4, false, [[1]]]);
    gates.shift()?.();
    await turn();
    gates.shift()?.();
    await turn();
    expect(batches).toEqual([[1], [2, 3, 4], [5]]);
    gates.shift()?.();
    await turn();
    expect(loop.idle).toBe(true);
  });

  test('what comes in one turn is one batch', async () => {
    const { batches, loop, add } = scene({ maxBatch: 10 });
    loop.start();
    add(1, 2, 3);
    await turn();
    expect(batches).toEqual([[1, 2, 3]]);
  });

  test('begins another batch beside one only when there is enough for it', async () => {
    const { batches, gates, loop, add } = scene({ maxBatch: 10, parallel: 2, minParallel: 3 });
    loop.start();
    add(1);
    await turn();
    add(2, 3);
    await turn();
    expect(batches).toEqual([[1]]);
    add(4);
    await turn();
    add(5, 6, 7, 8);
    await turn();
    expect(batches).toEqual([[1], [2, 3, 4]]);
    gates.splice(0).forEach((open) => {
      open();
    });
    await turn();
    expect(batches.at(-1)).toEqual([5, 6, 7, 8]);
  });

  test('begins another batch beside one at once for what presses, and no more of them than it may', async () => {
    const { batches, loop, add } = scene({ maxBatch: 10, parallel: 2, minParallel: Infinity });
    loop.start();
    add(1);
    await turn();
    add(2);
    await turn();
    expect(batches).toEqual([[1]]);
    add(-3);
    await turn();
    add(-4);
    await turn();
    expect(batches).toEqual([[1], [2, -3]]);
  });

  test('begins nothing before it is started, and stops after the batches under way; the rest stays', async () => {
    const { batches, gates, source, loop, add } = scene({ maxBatch: 10 });
    add(1);
    await turn();
    expect(batches).toEqual([]);
    loop.start();
    await turn();
    add(2);
    const stopped = loop.stop();
    gates.shift()?.();
    await stopped;
    add(3);
    await turn();
    expect([batches, source.take(10)]).toEqual([[[1]], [2, 3]]);
    await loop.stop();
  });
});

test('batches are under no context, whoever brought their first item: they are of many', async () => {
  const contexts: unknown[] = [];
  const source = new ArrivalQueue<number>();
  const work = async (): Promise<void> => {
    contexts.push(currentContext());
    await turn();
  };
  const loop = new BatchLoop<readonly number[]>({ source, maxBatch: () => 1, work });
  loop.start();
  runWithContext({ correlationId: 'of the first' }, () => {
    for (const item of [1, 2, 3]) source.add(item);
    loop.wake();
  });
  for (let n = 0; n < 5; n++) await turn();
  expect(contexts).toEqual([undefined, undefined, undefined]);
});
