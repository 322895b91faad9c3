import { describe, expect, test } from '@jest/globals';
import type { Measurement } from '../results.ts';
import { measured, recovered, resultsOf } from '../testing/sample-results.ts';
import { WORKLOAD_NAMES, type WorkloadName } from '../workloads.ts';
import { checkBars } from './bars.ts';
import { summarize } from './summary.ts';

function barsOf(measurements: readonly Measurement[], workloads: readonly WorkloadName[] = WORKLOAD_NAMES) {
  const results = resultsOf(measurements, workloads);
  return checkBars(summarize(results), results.workloads);
}

const kept = (measurements: readonly Measurement[], demand: string) =>
  barsOf(measurements).find((bar) => `${bar.workload}: ${bar.demand}`.startsWith(demand))?.kept;

describe('checkBars', () => {
  test('chain, fan and payload: so many times the peer, the bound included', () => {
    const peer = measured('dbos', 'chain', 100);
    expect(kept([peer, measured('mainstay', 'chain', 1_000)], 'chain: steps/s ≥ 10 × DBOS')).toBe(true);
    expect(kept([peer, measured('mainstay', 'chain', 999)], 'chain: steps/s ≥ 10 × DBOS')).toBe(false);
    const fan = [measured('bullmq-everysec', 'fan', 100), measured('mainstay', 'fan', 199)];
    expect(kept(fan, 'fan: steps/s ≥ 2 × BullMQ everysec')).toBe(false);
    const payload = [measured('dbos', 'payload', 100), measured('mainstay', 'payload', 501)];
    expect(kept(payload, 'payload: steps/s ≥ 5 × DBOS')).toBe(true);
  });

  test('lone: a share of the peer’s time', () => {
    expect(kept([measured('restate', 'lone', 1, 10), measured('mainstay', 'lone', 1, 6)], 'lone: p50 ≤ 0.6 × Restate')).toBe(true);
    expect(kept([measured('restate', 'lone', 1, 10), measured('mainstay', 'lone', 1, 6.1)], 'lone: p50 ≤ 0.6 × Restate')).toBe(false);
  });

  test('recovery: late by a second of the fastest peer at most, nothing lost, little repeated', () => {
    const peers = [recovered('restate', 1_000), recovered('dbos', 3_000)];
    expect(kept([...peers, recovered('mainstay', 2_000)], 'recovery: done')).toBe(true);
    expect(kept([...peers, recovered('mainstay', 2_001)], 'recovery: done')).toBe(false);
    expect(kept([recovered('mainstay', 1, { repeated: 20 })], 'recovery: ≤ 20 of 1000 steps repeated')).toBe(true);
    expect(kept([recovered('mainstay', 1, { repeated: 21 })], 'recovery: ≤ 20 of 1000 steps repeated')).toBe(false);
    expect(kept([recovered('mainstay', 1, { lostRuns: 1 })], 'recovery: no run lost')).toBe(false);
  });

  test('memory: that of the orchestrator in the chain', () => {
    const peak = (mib: number) => measured('mainstay', 'chain', 1, 1, { peakBytes: { orchestrator: mib * 1_048_576 } });
    expect(kept([peak(300)], 'chain: peak memory')).toBe(true);
    expect(kept([peak(301)], 'chain: peak memory')).toBe(false);
  });

  test('says nothing about what was not measured, and leaves out what was not asked for', () => {
    expect(barsOf([], ['lone'])).toEqual([
      { workload: 'lone', demand: 'p50 ≤ 0.6 × DBOS', measured: undefined, kept: undefined },
      { workload: 'lone', demand: 'p50 ≤ 0.6 × Restate', measured: undefined, kept: undefined },
    ]);
  });
});
