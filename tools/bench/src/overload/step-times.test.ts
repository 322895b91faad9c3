import { expect, test } from '@jest/globals';
import { stepFigures } from './step-times.ts';

test('a step is on its way out since the decision before it, and on its way back since the end of its work', () => {
  const run = {
    createdAt: 1_000,
    steps: [
      { startedAt: 1_010, finishedAt: 1_065 },
      { startedAt: 1_095, finishedAt: 1_150 },
    ],
  };
  expect(stepFigures([run], 50)).toEqual({ out: { p50Ms: 10, p99Ms: 30 }, back: { p50Ms: 5, p99Ms: 5 } });
});
