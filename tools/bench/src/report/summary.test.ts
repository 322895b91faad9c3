import { describe, expect, test } from '@jest/globals';
import { measured, recovered, resultsOf } from '../testing/sample-results.ts';
import { advantage, rowFor, summarize } from './summary.ts';

describe('summarize', () => {
  test('gives medians over the rounds with their bounds', () => {
    const rounds = [1_000, 3_000, 2_000].map((steps) => measured('dbos', 'chain', steps, steps / 100));
    const [row] = summarize(resultsOf(rounds, ['chain']));
    expect(row).toMatchObject({ engine: 'dbos', rounds: 3, value: { median: 2_000, min: 1_000, max: 3_000 }, latencyMs: { p50: 20 } });
  });

  test('compares times where few milliseconds are good', () => {
    const rows = summarize(resultsOf([measured('mainstay', 'lone', 1, 5), measured('dbos', 'lone', 1, 20)], ['lone']));
    expect(rowFor(rows, 'lone', 'dbos')?.value.median).toBe(20);
    expect(advantage(rows, 'lone', 'dbos')).toBe(4);
  });

  test('compares steps per second where many are good', () => {
    const rows = summarize(resultsOf([measured('mainstay', 'fan', 9_000), measured('restate', 'fan', 3_000)], ['fan']));
    expect(advantage(rows, 'fan', 'restate')).toBe(3);
    expect(advantage(rows, 'fan', 'dbos')).toBeUndefined();
  });

  test('tells CPU time by step and messages by commit', () => {
    const round = (busy: number, inputs: number) =>
      measured('mainstay', 'chain', 1_000, 1, { cores: { worker: busy }, commits: { inputs, commits: 10 } });
    const [row] = summarize(resultsOf([round(0.2, 400), round(0.1, 500), round(0.3, 600)], ['chain']));
    expect(row).toMatchObject({ cpuMicros: { worker: 200 }, batchSize: 50 });
    expect(summarize(resultsOf([measured('dbos', 'chain', 1)], ['chain']))[0]).not.toHaveProperty('batchSize');
  });

  test('keeps the worst of what must not happen, and the greatest memory', () => {
    const recovery = summarize(
      resultsOf([recovered('mainstay', 900, { repeated: 4 }), recovered('mainstay', 1_100, { lostRuns: 1 })], ['recovery']),
    );
    expect(recovery).toMatchObject([{ value: { median: 1_000 }, recovery: { repeated: 4, lostRuns: 1 } }]);
    const memory = [3, 9, 6].map((worker) => measured('mainstay', 'chain', 1, 1, { peakBytes: { worker } }));
    expect(summarize(resultsOf(memory, ['chain']))).toMatchObject([{ peakBytes: { worker: 9 } }]);
  });
});
