import { describe, expect, test } from '@jest/globals';
import type { CpuProfile } from './cpu-profile.ts';
import { hotFunctions, hotPlaces, timesOf } from './hot-functions.ts';

const frame = (id: number, functionName: string, url: string) => ({ id, callFrame: { functionName, url, lineNumber: 9 } });
const profile: CpuProfile = {
  nodes: [
    frame(1, '(idle)', ''),
    frame(2, 'parse', 'file:///somewhere/node_modules/@scope/lib/a/b.js'),
    frame(3, 'step', 'file:///somewhere/packages/agent/src/attempt/run.ts'),
    frame(4, '', 'file:///somewhere/packages/agent/src/attempt/end.ts'),
    frame(5, 'writev', ''),
  ],
  samples: [1, 2, 3, 3, 4, 5],
  timeDeltas: [90_000, 1_000, 2_000, 2_000, 1_000, 4_000],
};

describe('hot functions', () => {
  test('are those with most time of their own, without idling', () => {
    expect(hotFunctions(profile, 2)).toEqual([
      { name: 'step packages/agent/src/attempt/run.ts:10', selfMs: 4, share: 0.4 },
      { name: 'writev', selfMs: 4, share: 0.4 },
    ]);
  });

  test('are summed up by package and folder', () => {
    expect(hotPlaces(profile, 3)).toEqual([
      { name: 'packages/agent/src/attempt', selfMs: 5, share: 0.5 },
      { name: 'writev', selfMs: 4, share: 0.4 },
      { name: '@scope/lib', selfMs: 1, share: 0.1 },
    ]);
  });

  test('of a time in which all was idle are none', () => {
    const idle: CpuProfile = { nodes: profile.nodes, samples: [1, 1], timeDeltas: [5_000, 5_000] };
    expect(hotFunctions(idle, 5)).toEqual([]);
    expect(timesOf(idle)).toEqual({ recordedMs: 10, busyMs: 0 });
  });

  test('count no time below zero', () => {
    expect(timesOf({ ...profile, samples: [2, 3, 3], timeDeltas: [4_000, -1_000, 2_000] })).toEqual({ recordedMs: 6, busyMs: 6 });
  });
});
