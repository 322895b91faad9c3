import { FakeClock } from '@mainstay/utils/testing';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createErrorTracker, type ErrorDelta, type TrackerOptions } from './error-tracker.ts';

/** An error of its own kind. */
function failure(kind: string): Error {
  const error = new Error(`${kind} is broken`);
  error.name = kind;
  error.stack = `${kind}: broken\n    at ${kind} (/srv/${kind}.ts:1:1)`;
  return error;
}

function scene(options: Partial<TrackerOptions> = {}) {
  const clock = new FakeClock();
  return { clock, tracker: createErrorTracker({ ...options, clock }) };
}

describe('createErrorTracker', () => {
  test('groups what is the same, with first and last seen, count, rate, runs and a sample', async () => {
    const { clock, tracker } = scene();
    const begun = clock.now();
    for (let run = 0; run < 5; run++) {
      tracker.record(failure('A'), { run: `run-${run}` });
      await clock.advance(60_000);
    }
    tracker.record(failure('B'));
    const [newest, group] = tracker.groups();
    expect(newest).toMatchObject({ name: 'B', count: 1, runs: [] });
    expect(group).toMatchObject({
      ...{ name: 'A', code: 'INTERNAL', pattern: 'A is broken', count: 5, firstSeenAt: begun, lastSeenAt: begun + 240_000 },
      ...{ runs: ['run-0', 'run-1', 'run-2', 'run-3', 'run-4'], runsTruncated: false },
      sample: { message: 'A is broken', stack: expect.stringContaining('/srv/A.ts') },
    });
    expect(group?.perMinute).toBeCloseTo(0.8, 5);
    await clock.advance(600_000);
    expect(tracker.groups().map(({ perMinute }) => perMinute)).toEqual([0, 0]);
  });

  test('is bounded in groups and runs; the one not seen for longest goes', () => {
    const { tracker } = scene({ maxGroups: 3, maxRuns: 2 });
    for (const kind of ['A', 'B', 'C']) for (const run of ['1', '2', '3']) tracker.record(failure(kind), { run });
    tracker.record(failure('A'));
    tracker.record(failure('D'));
    expect(tracker.groups().map(({ name }) => name)).toEqual(['D', 'A', 'C']);
    expect(tracker.groups()[1]).toMatchObject({ runs: ['2', '3'], runsTruncated: true });
  });

  test('hands over in batches what was not handed over', async () => {
    const stored: (readonly ErrorDelta[])[] = [];
    const { tracker } = scene({ batchSize: 2, store: async (deltas) => void stored.push(deltas) });
    for (const kind of ['A', 'B', 'C']) tracker.record(failure(kind), { run: kind });
    tracker.record(failure('C'));
    await tracker.flush();
    expect(stored.map((batch) => batch.map(({ name, count, runs }) => [name, count, ...runs]))).toEqual([
      [
        ['A', 1, 'A'],
        ['B', 1, 'B'],
      ],
      [['C', 2, 'C']],
    ]);
    await tracker.flush();
    expect(stored).toHaveLength(2);
    tracker.record(failure('B'));
    await tracker.flush();
    expect(stored[2]?.map(({ name, count, runs }) => [name, count, ...runs])).toEqual([['B', 1]]);
  });

  test('loses nothing when the store fails, whenever that is', async () => {
    const kinds = fc.array(fc.tuple(fc.constantFrom('A', 'B', 'C', 'D'), fc.boolean(), fc.boolean()), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(kinds, async (steps) => {
        const sums = new Map<string, number>();
        let fails = false;
        const { tracker } = scene({
          batchSize: 2,
          store: async (deltas) => {
            if (fails) throw new Error('the store is away');
            for (const { name, count } of deltas) sums.set(name, (sums.get(name) ?? 0) + count);
          },
        });
        for (const [kind, flushes, failing] of steps) {
          tracker.record(failure(kind));
          fails = failing;
          if (flushes) await tracker.flush().catch(() => undefined);
        }
        fails = false;
        await tracker.flush();
        expect(sums).toEqual(new Map(tracker.groups().map(({ name, count }) => [name, count])));
        expect(tracker.lost).toBe(0);
      }),
    );
  });

  test('says how many fell out before they were stored', () => {
    const { tracker } = scene({ maxGroups: 1, store: async () => undefined });
    tracker.record(failure('A'));
    tracker.record(failure('A'));
    tracker.record(failure('B'));
    expect(tracker.lost).toBe(2);
  });

  test('only one flush is under way', async () => {
    let running = 0;
    let most = 0;
    const { tracker } = scene({
      store: async () => {
        most = Math.max(most, ++running);
        await new Promise(setImmediate);
        running -= 1;
      },
    });
    tracker.record(failure('A'));
    await Promise.all([tracker.flush(), tracker.flush()]);
    expect(most).toBe(1);
  });
});
