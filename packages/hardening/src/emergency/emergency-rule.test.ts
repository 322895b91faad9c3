import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { profiles } from '../profiles/profiles.ts';
import { calmState, emergencyLimits, type EmergencySigns, type EmergencyState, stepEmergency } from './emergency-rule.ts';

const limits = emergencyLimits(profiles.production);
const calm = { memoryShare: 0.3, healthScore: 1 };

/** The states after each sign; `at` is in seconds. */
function history(signs: readonly (Partial<EmergencySigns> & { readonly at: number })[]): EmergencyState[] {
  let state = calmState;
  return signs.map(({ at, ...sign }) => (state = stepEmergency(state, { ...calm, ...sign, nowMs: at * 1_000 }, limits)));
}
const modes = (...signs: (Partial<EmergencySigns> & { readonly at: number })[]) => history(signs).map(({ mode }) => mode);

describe('stepEmergency', () => {
  test('one sample of high memory is no emergency; three seconds of it are', () => {
    expect(modes({ at: 0, memoryShare: 0.96 }, { at: 1 }, { at: 2, memoryShare: 0.96 }, { at: 4, memoryShare: 0.96 })).toEqual(
      Array<string>(4).fill('normal'),
    );
    expect(
      history([
        { at: 0, memoryShare: 0.96 },
        { at: 3, memoryShare: 0.99 },
      ]).at(-1),
    ).toEqual({
      mode: 'emergency',
      sinceMs: 3_000,
      triggers: ['memory'],
    });
  });

  test('bad health is one after a while; 95 % and 0.3 exactly are not', () => {
    expect(modes({ at: 0, healthScore: 0.29 }, { at: 3, healthScore: 0.1 }).at(-1)).toBe('emergency');
    expect(modes({ at: 0, healthScore: 0.3, memoryShare: 0.95 }, { at: 9, healthScore: 0.3, memoryShare: 0.95 }).at(-1)).toBe('normal');
  });

  test.each([[{ threat: true }], [{ unhandled: 1 }], [{ wish: { active: true, remote: false } }]])('%j is one at once', (sign) => {
    expect(modes({ at: 0, ...sign })).toEqual(['emergency']);
  });

  test('is over when everything was well for half a minute', () => {
    const trigger = { at: 0, threat: true };
    expect(modes(trigger, { at: 1 }, { at: 30 })).toEqual(['emergency', 'emergency', 'emergency']);
    expect(modes(trigger, { at: 1 }, { at: 31 })).toEqual(['emergency', 'emergency', 'normal']);
    // 0.90 is no trouble to begin with, but too much to be over
    expect(modes(trigger, { at: 1 }, { at: 20, memoryShare: 0.9 }, { at: 31 }, { at: 60 }, { at: 61 })).toEqual([
      ...Array<string>(5).fill('emergency'),
      'normal',
    ]);
  });

  test('one that a person began ends by a person, and does not come back by itself at once', () => {
    const began = { at: 0, wish: { active: true, remote: false } };
    const ended = { at: 9_999, wish: { active: false, remote: false } };
    expect(modes(began, { at: 1 }, { at: 9_000 })).toEqual(Array<string>(3).fill('emergency'));
    expect(modes(began, ended, { at: 10_000, threat: true }, { at: 10_058, memoryShare: 1 })).toEqual([
      'emergency',
      'normal',
      'normal',
      'normal',
    ]);
    expect(modes(began, ended, { at: 10_060, threat: true }).at(-1)).toBe('emergency');
  });

  test('one that was heard of holds while it is told again, and is then over by itself', () => {
    const heard = { at: 0, wish: { active: true, remote: true }, held: true };
    expect(modes(heard, { at: 100, held: true }, { at: 200, held: true }, { at: 201 }, { at: 230 }, { at: 231 })).toEqual([
      ...Array<string>(5).fill('emergency'),
      'normal',
    ]);
  });

  const sign = fc.record({
    memoryShare: fc.double({ min: 0, max: 1.2, noNaN: true }),
    healthScore: fc.double({ min: 0, max: 1, noNaN: true }),
    threat: fc.boolean(),
    unhandled: fc.nat(1),
  });

  test('never lasts shorter than its minimum without a wish, and always ends in calm', () => {
    fc.assert(
      fc.property(fc.array(sign, { maxLength: 200 }), (signs) => {
        let state: EmergencyState = calmState;
        for (const [second, given] of signs.entries()) {
          const next = stepEmergency(state, { ...given, nowMs: second * 1_000 }, limits);
          if (state.mode === 'emergency' && next.mode === 'normal')
            expect(second * 1_000 - state.sinceMs).toBeGreaterThanOrEqual(limits.minimumMs);
          state = next;
        }
        for (let second = 1; second <= 70; second++)
          state = stepEmergency(state, { ...calm, nowMs: (signs.length + second) * 1_000 }, limits);
        expect(state.mode).toBe('normal');
      }),
    );
  });
});
