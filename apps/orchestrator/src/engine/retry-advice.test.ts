import { describe, expect, test } from '@jest/globals';
import { RetryAdvice } from './retry-advice.ts';

function scene() {
  const clock = { now: 0, monotonic: () => clock.now };
  const advice = new RetryAdvice(clock, () => 0.5);
  /** One second with so many of each; the last advice given in it. */
  const second = (accepted: number, refused: number): number => {
    for (let i = 0; i < accepted; i++) advice.accepted();
    let last = 0;
    for (let i = 0; i < refused; i++) last = advice.refused();
    clock.now += 1_000;
    return last;
  };
  return { clock, advice, second };
}

describe('RetryAdvice', () => {
  test('begins with a second, and doubles while far more are refused than accepted, up to a minute', () => {
    const { second } = scene();
    expect(Array.from({ length: 8 }, () => second(10, 100))).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });

  test('stays while as many come as can nearly be taken, and halves when most are accepted', () => {
    const { second } = scene();
    second(0, 10);
    second(0, 10);
    second(0, 10);
    expect(second(10, 15)).toBe(8_000);
    expect(second(10, 15)).toBe(8_000);
    second(100, 1);
    expect(second(100, 1)).toBe(4_000);
  });

  test('forgets what it learned when nobody comes for a while', () => {
    const { clock, second } = scene();
    for (let i = 0; i < 5; i++) second(0, 10);
    clock.now += 11_000;
    expect(second(0, 1)).toBe(1_000);
  });

  test('spreads those who are refused together', () => {
    const ends = [0, 0.999_999].map((chance) => new RetryAdvice({ monotonic: () => 0 }, () => chance).refused());
    expect(ends).toEqual([500, 1_500]);
  });
});
