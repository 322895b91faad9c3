import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CallWindow } from './call-window.ts';

describe('CallWindow', () => {
  test('counts the last calls and no others, whatever came', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.array(fc.boolean(), { maxLength: 100 }), (size, verdicts) => {
        const window = new CallWindow(size);
        for (const [at, failed] of verdicts.entries()) {
          window.record(at, failed);
          const last = verdicts.slice(0, at + 1).slice(-size);
          expect(window.totals()).toEqual({ calls: last.length, failures: last.filter(Boolean).length });
        }
        window.clear();
        expect(window.totals()).toEqual({ calls: 0, failures: 0 });
      }),
    );
  });
});
