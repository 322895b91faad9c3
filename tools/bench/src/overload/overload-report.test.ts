import { describe, expect, test } from '@jest/globals';
import { environment } from '../testing/sample-results.ts';
import type { OverloadFigures } from './overload-figures.ts';
import { overloadDemands, overloadText } from './overload-report.ts';
import type { ProbeFigures } from './probe.ts';
import type { PartFigures } from './step-times.ts';

const MIB = 1_048_576;
const probed = (p99Ms: number, failed = 0): ProbeFigures => ({ runs: 100, failed, p50Ms: 250, p99Ms, maxMs: p99Ms, acceptedP99Ms: 10 });
const part = (p99Ms: number): PartFigures => ({ p50Ms: p99Ms / 2, p99Ms });
const figures: OverloadFigures = {
  ...{
    peakPerSecond: 100,
    most: { inFlight: 800, perSecond: 160 },
    factor: 10,
    seconds: 60,
    doneMeanwhile: 4_800,
    drainMs: 500,
    succeeded: 5_000,
  },
  counts: { offered: 60_000, accepted: 5_000, refused: 55_000, withoutRetryAfter: 0, other: 0, broken: 0, unanswered: 0 },
  bySecond: [{ accepted: 100, refused: 900, succeeded: 80, orchestratorBytes: 200 * MIB }],
  work: { unloaded: probed(300), flooded: probed(900) },
  noop: { unloaded: probed(20), flooded: probed(2_000) },
  steps: { unloaded: { out: part(2), back: part(3) }, flooded: { out: part(20), back: part(30) } },
  ownLag: { unloaded: { p99Ms: 1, maxMs: 2 }, flooded: { p99Ms: 4, maxMs: 30 } },
  memoryLimitBytes: 1_024 * MIB,
  peakBytes: { orchestrator: 400 * MIB, worker: 200 * MIB },
};
const broken = (over: Partial<OverloadFigures>): readonly string[] =>
  overloadDemands({ ...figures, ...over }).flatMap(({ demand, kept }) => (kept === true ? [] : [demand]));

describe('the report of bench:overload', () => {
  test('has nothing against a flood of which enough was done; no-ops are only told', () => {
    expect(broken({})).toEqual([]);
    expect(overloadText(figures, environment, true)).toMatch(/steps that do nothing, in the flood +100 +250 +2,000/);
    expect(overloadText(figures, environment, true)).toMatch(/80\.0: 80\.0 % of the first, 50\.0 % of the second/);
    expect(overloadText(figures, environment, true)).toMatch(/from its end to the decision +1\.50 +3\.00 +15\.0 +30\.0/);
  });

  test.each<[string, Partial<OverloadFigures>]>([
    ['offered', { counts: { ...figures.counts, offered: 50_000 } }],
    ['goodput', { doneMeanwhile: 4_799 }],
    ['memory', { peakBytes: { orchestrator: 1_025 * MIB, worker: 0 } }],
    ['high priority', { work: { ...figures.work, flooded: probed(901) } }],
    ['runs of high priority', { work: { ...figures.work, flooded: probed(900, 1) } }],
    ['accepted runs', { succeeded: 4_999 }],
    ['refusals', { counts: { ...figures.counts, withoutRetryAfter: 1 } }],
    ['other answers', { counts: { ...figures.counts, unanswered: 1 } }],
  ])('is not content: %s', (demand, over) => {
    expect(broken(over)).toEqual([expect.stringMatching(new RegExp(`^${demand}`))]);
  });
});
