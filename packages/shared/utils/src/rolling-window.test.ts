import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RollingWindow } from './rolling-window.ts';

const WINDOW = 1_000;
const SLICE = 100;

describe('RollingWindow', () => {
  test('holds what was recorded in this slice of time and the nine before it, and nothing else', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 5_000 }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.boolean()), { maxLength: 60 }),
        (start, steps) => {
          const window = new RollingWindow(WINDOW, start);
          const all: { readonly at: number; readonly failed: boolean }[] = [];
          let now = start;
          for (const [wait, failed] of steps) {
            now += wait;
            window.record(now, failed);
            all.push({ at: now, failed });
            const kept = all.filter(({ at }) => Math.floor(at / SLICE) > Math.floor(now / SLICE) - 10);
            expect(window.totals(now)).toEqual({ calls: kept.length, failures: kept.filter((one) => one.failed).length });
          }
        },
      ),
    );
  });

  test('is empty after a long silence and after it was cleared', () => {
    const window = new RollingWindow(WINDOW, 0);
    window.record(10, true);
    expect(window.totals(10)).toEqual({ calls: 1, failures: 1 });
    expect(window.totals(1e9)).toEqual({ calls: 0, failures: 0 });
    window.record(1e9, true);
    window.clear();
    expect(window.totals(1e9)).toEqual({ calls: 0, failures: 0 });
  });
});
