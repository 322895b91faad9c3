import { describe, expect, test } from '@jest/globals';
import type { BatchExporter, DropReason } from './span-exporter.ts';
import { SpanQueue } from './span-queue.ts';
import type { SpanRecord } from './span-record.ts';

const span = (name: string): SpanRecord => {
  return { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), name, kind: 'internal', startMs: 1, endMs: 2, attributes: {} };
};

function setUp(exporting: (spans: readonly SpanRecord[]) => Promise<void>, settings: object = {}) {
  const dropped: Partial<Record<DropReason, number>> = {};
  const seen = { exported: 0, failures: 0, dropped };
  const exporter: BatchExporter = {
    open: () => {
      const spans: SpanRecord[] = [];
      const add = (one: SpanRecord): void => {
        if (one.name === 'unreadable') throw new Error('no');
        spans.push(one);
      };
      return { add, send: () => exporting(spans) };
    },
    close: () => Promise.resolve(),
  };
  const queue = new SpanQueue({
    settings: { maxQueueSize: 10, maxBatchSize: 4, scheduleDelayMs: 60_000, exportTimeoutMs: 60_000, ...settings },
    exporter,
    counts: {
      exported: (n) => (seen.exported += n),
      dropped: (n, reason) => (dropped[reason] = (dropped[reason] ?? 0) + n),
    },
    onFailure: () => (seen.failures += 1),
  });
  return { queue, seen };
}

describe('SpanQueue', () => {
  test('sends full batches at once, and the rest when it is asked to', async () => {
    const batches: number[] = [];
    const { queue, seen } = setUp(async (spans) => void batches.push(spans.length));
    for (let n = 0; n < 9; n++) queue.add(span(String(n)));
    await new Promise(setImmediate);
    expect(batches).toEqual([4, 4]);
    await queue.flush(1_000);
    expect(batches).toEqual([4, 4, 1]);
    expect(seen).toEqual({ exported: 9, failures: 0, dropped: {} });
  });

  test('with a receiver that hangs it drops and counts what is beyond its bound, and ends in time', async () => {
    const { queue, seen } = setUp(() => new Promise(() => undefined));
    for (let n = 0; n < 100; n++) queue.add(span(String(n)));
    const begun = performance.now();
    await queue.close(50);
    expect(performance.now() - begun).toBeLessThan(1_000);
    queue.add(span('late'));
    // 4 are on their way, 10 wait, 1 comes late
    expect(seen.dropped).toEqual({ 'queue-full': 86, shutdown: 15 });
  });

  test('gives up an export that takes too long, and goes on', async () => {
    let calls = 0;
    const { queue, seen } = setUp(() => (calls++ === 0 ? new Promise(() => undefined) : Promise.resolve()), { exportTimeoutMs: 20 });
    for (let n = 0; n < 8; n++) queue.add(span(String(n)));
    await queue.close(5_000);
    expect(seen).toEqual({ exported: 4, failures: 1, dropped: { failed: 4 } });
  });

  test('counts what a receiver refuses', async () => {
    const { queue, seen } = setUp(() => Promise.reject(new Error('503')));
    queue.add(span('a'));
    await queue.close(1_000);
    expect(seen).toEqual({ exported: 0, failures: 1, dropped: { failed: 1 } });
  });

  test('counts what cannot be written, and sends the others', async () => {
    const batches: number[] = [];
    const { queue, seen } = setUp(async (spans) => void batches.push(spans.length));
    for (const name of ['unreadable', 'a', 'unreadable', 'b', 'c', 'd', 'e']) queue.add(span(name));
    await queue.close(1_000);
    expect(batches).toEqual([4, 1]);
    expect(seen).toEqual({ exported: 5, failures: 2, dropped: { failed: 2 } });
  });

  describe('spans that are made later', () => {
    test('are made when a batch is sent, or when many wait, and count as others do', async () => {
      const names: string[] = [];
      const { queue, seen } = setUp(async (spans) => void names.push(...spans.map(({ name }) => name)), { maxQueueSize: 200 });
      let made = 0;
      const make = (name: string) => () => {
        made++;
        return [span(`${name}1`), span(`${name}2`)];
      };
      queue.later(make('a'), 2);
      queue.add(span('b'));
      expect(made).toBe(0);
      await queue.flush(1_000);
      expect(names).toEqual(['b', 'a1', 'a2']);
      for (let n = 0; n < 63; n++) queue.later(make('c'), 2);
      expect(made).toBe(1);
      queue.later(make('c'), 2);
      expect(made).toBe(65);
      await queue.flush(1_000);
      expect(seen).toEqual({ exported: 3 + 128, failures: 0, dropped: {} });
    });

    test('are not held without a bound when they are none', () => {
      const { queue } = setUp(() => Promise.resolve());
      let made = 0;
      const make = () => {
        made++;
        return [];
      };
      for (let n = 0; n < 127; n++) queue.later(make, 0);
      expect(made).toBe(0);
      queue.later(make, 0);
      expect(made).toBe(128);
    });

    test('are made at the end, and counted as lost after it', async () => {
      const names: string[] = [];
      const { queue, seen } = setUp(async (spans) => void names.push(...spans.map(({ name }) => name)));
      queue.later(() => [span('a')], 1);
      await queue.close(1_000);
      queue.later(() => [span('late'), span('later')], 2);
      expect(names).toEqual(['a']);
      expect(seen).toEqual({ exported: 1, failures: 0, dropped: { shutdown: 2 } });
    });

    test('are sent by themselves', async () => {
      const sent = Promise.withResolvers<undefined>();
      const { queue } = setUp(
        async () => {
          sent.resolve(undefined);
        },
        { scheduleDelayMs: 5 },
      );
      queue.later(() => [span('a')], 1);
      await sent.promise;
      await queue.close(1_000);
    });

    test('of which some cannot be made: they are counted, and the others are sent', async () => {
      const { queue, seen } = setUp(() => Promise.resolve());
      queue.later(() => {
        throw new Error('no');
      }, 1);
      queue.later(() => [span('a')], 1);
      await queue.close(1_000);
      expect(seen).toEqual({ exported: 1, failures: 1, dropped: { failed: 1 } });
    });
  });
});
