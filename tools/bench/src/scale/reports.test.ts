import { describe, expect, test } from '@jest/globals';
import { type GrowthFigures, growthReport } from './growth/growth-report.ts';
import { type IdleFigures, idleReport } from './idle/idle-report.ts';
import { type OverloadFigures, overloadReport, type OverloadSecond, secondRows } from './overload/overload-report.ts';
import type { Report } from './part.ts';
import { type PayloadsFigures, payloadsReport } from './payloads/payloads-report.ts';
import { type ScaleOutFigures, scaleOutReport } from './scale-out/scale-out-report.ts';

const kept = (report: Report, demand: string) => report.demands.find((one) => one.demand.startsWith(demand))?.kept;

describe('growthReport', () => {
  const figures = (...grown: number[]): GrowthFigures => ({
    historyRuns: 200_000,
    stepsPerRun: 5,
    rounds: grown.map((stepsPerSecond) => ({ empty: { stepsPerSecond: 1_000, batchSize: 40 }, grown: { stepsPerSecond } })),
    tables: [{ name: 'runs', rows: 200_000, tableBytes: 3_000_000, indexBytes: 1_000_000 }],
    purge: { runs: 500, ms: [100, 300, 200] },
  });

  test('compares the medians of all rounds', () => {
    expect(kept(growthReport(figures(100, 900, 2_000)), 'with 1,000,000 finished tasks')).toBe(true);
    expect(kept(growthReport(figures(100, 899, 2_000)), 'with 1,000,000 finished tasks')).toBe(false);
  });

  test('tells sizes by task and the removal by 1,000 runs', () => {
    const [, tables, removal] = growthReport(figures(900)).tables;
    expect(tables?.rows[1]).toEqual(['runs', '200,000', '2.86 MiB', '0.954 MiB', '4.00']);
    expect(removal?.rows[1]).toEqual(['500', '200', '400']);
  });
});

describe('idleReport', () => {
  const figures: IdleFigures = {
    seconds: 60,
    cores: { orchestrator: 0.006, worker: 0.003, postgres: 0.2 },
    transactionsPerSecond: 4,
    statementsPerSecond: 4.9,
    statementSeconds: 15,
    statements: { 'select 1': 4.9 },
    commands: { get: 3, ping: 1 },
  };

  test('demands little of orchestrator and worker together, not of the servers', () => {
    const report = idleReport(figures);
    expect([kept(report, 'CPU'), kept(report, 'statements')]).toEqual([true, true]);
    expect(report.tables[2]?.title).toBe('Redis: 4.00 commands/s (commandstats)');
    const busy = idleReport({ ...figures, cores: { orchestrator: 0.006, worker: 0.004 }, statementsPerSecond: 5 });
    expect([kept(busy, 'CPU'), kept(busy, 'statements')]).toEqual([false, false]);
  });
});

describe('overloadReport', () => {
  const second: OverloadSecond = {
    accepted: 10,
    tooMany: 2,
    unavailable: 3,
    other: 0,
    broken: 0,
    succeeded: 7,
    residentBytes: 1_048_576,
  };
  const figures: OverloadFigures = {
    runs: 20,
    connections: 4,
    requests: 30,
    seconds: [second, { ...second, succeeded: 20 }],
    withoutRetryAfter: 0,
    acceptedMs: 2_000,
    doneMs: 3_000,
    accepted: 20,
    succeeded: 20,
    unasked: 0,
    peakBytes: 3 * 1_048_576,
    slowReader: { events: 9, bytes: 1_048_576, droppedAfterMs: 30_000, readBefore: 4, readAfter: 5, gaps: 0 },
  };

  test('has nothing against a flood that was taken in, part by part', () => {
    expect(overloadReport(figures).demands.every((demand) => demand.kept)).toBe(true);
  });

  test.each<[string, Partial<OverloadFigures>]>([
    ['all 20 runs', { accepted: 19 }],
    ['refusals without', { withoutRetryAfter: 1 }],
    ['other answers', { seconds: [{ ...second, broken: 1 }] }],
    ['accepted runs that did not', { succeeded: 19 }],
    ['runs that nobody', { unasked: 1 }],
    ['a stream that', { slowReader: { ...figures.slowReader, droppedAfterMs: undefined } }],
    ['events missing', { slowReader: { ...figures.slowReader, gaps: 1 } }],
  ])('is not content when %s', (demand, over) => {
    expect(kept(overloadReport({ ...figures, ...over }), demand)).toBe(false);
  });

  test('joins seconds when there are many: sums of answers, the last state', () => {
    const rows = secondRows(Array.from({ length: 61 }, (_, index) => ({ ...second, succeeded: index })));
    expect(rows).toHaveLength(21);
    expect(rows[0]).toEqual(['3', '30', '6', '9', '0', '0', '2', '1.00 MiB']);
    expect(rows.at(-1)?.slice(0, 2)).toEqual(['61', '10']);
  });
});

describe('scaleOutReport', () => {
  const figures: ScaleOutFigures = {
    capacity: 20,
    stepMs: 50,
    workers: [
      { workers: 1, stepsPerSecond: 380 },
      { workers: 4, stepsPerSecond: 1_400 },
    ],
    orchestrators: [
      { one: 1_000, two: 950, applied: [60, 40] },
      { one: 1_000, two: 850, applied: [] },
      { one: 1_000, two: 900, applied: [55, 45] },
    ],
    kills: [{ victim: 'first', runs: 100, doneMs: 2_000, lostRuns: 0, repeatedSteps: 3 }],
  };

  test('compares many workers with as many times one, and two orchestrators with one', () => {
    const report = scaleOutReport(figures);
    expect(report.tables[0]?.rows[2]).toEqual(['4', '1,400', '87.5 %', '0.92']);
    expect(report.demands.map(({ measured }) => measured)).toEqual(['0.92 ×', '0.90 ×', '0.43', '0']);
    expect(report.demands.every((demand) => demand.kept)).toBe(true);
  });

  test('is not content with a run that was lost', () => {
    const lost = scaleOutReport({ ...figures, kills: figures.kills.map((kill) => ({ ...kill, lostRuns: 1 })) });
    expect(kept(lost, 'runs lost')).toBe(false);
  });

  test('says nothing of shares that are not told', () => {
    expect(kept(scaleOutReport({ ...figures, orchestrators: [{ one: 1, two: 1, applied: [] }] }), 'the lesser')).toBeUndefined();
  });
});

describe('payloadsReport', () => {
  const tooLarge: PayloadsFigures['tooLarge'] = {
    outputBytes: 1_048_577,
    status: 'failed',
    codes: ['RUN_FAILED', 'AGENT_OUTPUT_TOO_LARGE'],
    message: 'too large',
  };

  test('wants to be told what was too large', () => {
    const sizes = [{ outputBytes: 65_536, runs: 10, inFlight: 5, runsPerSecond: 16, stepsPerSecond: 80 }];
    const report = payloadsReport({ sizes, tooLarge });
    expect(report.tables[0]?.rows[1]).toEqual(['64 KB', '10', '5', '16.0', '80.0', '5.00 MiB', '–']);
    expect(report.demands[0]).toMatchObject({ measured: 'failed, RUN_FAILED, AGENT_OUTPUT_TOO_LARGE', kept: true });
    expect(payloadsReport({ sizes, tooLarge: { ...tooLarge, codes: ['RUN_FAILED'] } }).demands[0]?.kept).toBe(false);
  });
});
