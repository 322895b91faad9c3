import { describe, expect, test } from '@jest/globals';
import { cpuMsOf, forgetPeak, peakBytesOf } from './process-use.ts';

const linux = process.platform === 'linux';

describe('the use of a process', () => {
  test('is told of a process that runs', () => {
    const before = cpuMsOf(process.pid);
    for (const end = performance.now() + 60; performance.now() < end;) Math.sqrt(end);
    const after = cpuMsOf(process.pid);
    expect(linux ? (after ?? 0) > (before ?? Infinity) : after === undefined).toBe(true);
    forgetPeak(process.pid);
    expect((peakBytesOf(process.pid) ?? 0) > 1_000_000).toBe(linux);
  });

  test('is not told of one that does not', () => {
    forgetPeak(-1);
    expect([cpuMsOf(-1), peakBytesOf(-1)]).toEqual([undefined, undefined]);
  });
});
