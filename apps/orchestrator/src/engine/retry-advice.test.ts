import { describe, expect, test } from '@jest/globals';
import { RetryAdvice } from './retry-advice.ts';

function scene(random = () => 0.5) {
  const clock = { now: 0, monotonic: () => clock.now };
  const advice = new RetryAdvice(clock, random);
  /** One second with so many of each; the advice given in it. */
  const second = (accepted: number, refused: number): number[] => {
    for (let i = 0; i < accepted; i++) advice.accepted();
    const given = Array.from({ length: refused }, () => advice.refused());
    clock.now += 1_000;
    return given;
  };
  return { clock, advice, second };
}

/** How many of them come back in each second from now. */
function perSecond(delays: readonly number[]): number[] {
  const counts: number[] = [];
  for (const delay of delays) {
    const at = Math.floor((delay - 1) / 1_000);
    while (counts.length <= at) counts.push(0);
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return counts;
}

describe('when to come back', () => {
  test('is after a second at least, each at a time of its own', () => {
    const { second } = scene();
    const given = second(0, 4_000);
    expect(given[0]).toBe(1_001);
    expect(given).toEqual([...given].sort((a, b) => a - b));
    expect(new Set(given).size).toBe(2_000);
  });

  test('brings back a quarter more per second than were accepted', () => {
    const { second } = scene();
    for (let i = 0; i < 3; i++) second(400, 300);
    const [, , , ...later] = perSecond(second(0, 4_000));
    expect(later.slice(0, 3)).toEqual([500, 500, 500]);
  });

  test('counts what the present second has accepted so far', () => {
    expect(perSecond(scene().second(4_000, 15_000))[1]).toBe(5_000);
  });

  test('goes on where the last second ended: those who were told a time keep it', () => {
    const { second } = scene();
    const last = second(100, 8_000).at(-1) ?? 0;
    const later = second(100, 100);
    expect(last).toBe(5_000);
    expect(Math.min(...later)).toBeGreaterThan(last - 1_000);
  });

  test('is within a minute, spread, however many there are', () => {
    let chance = 0;
    const { second } = scene(() => (chance = (chance + 0.618_034) % 1));
    for (let i = 0; i < 6; i++) second(100, 60);
    const given = second(0, 20_000);
    expect(Math.max(...given)).toBeLessThanOrEqual(60_000);
    const beyond = given.slice(-10_000);
    expect(Math.min(...beyond)).toBeGreaterThanOrEqual(30_000);
    for (const count of perSecond(beyond).slice(30)) expect(count).toBeGreaterThan(300);
  });

  test('comes sooner and sooner while nobody is refused', () => {
    const { second } = scene();
    second(100, 1);
    for (let i = 0; i < 5; i++) second(50, 0);
    expect(second(0, 100).at(-1)).toBeLessThan(1_200);
  });

  test('is called back half as fast at the least after a second in which nothing could be accepted', () => {
    const { second } = scene();
    second(0, 1);
    expect(perSecond(second(0, 5_000)).slice(2, 4)).toEqual([1_000, 1_000]);
  });

  test('does not come later because a few were refused at one instant', () => {
    const { second } = scene();
    second(400, 300);
    for (let i = 0; i < 10; i++) second(100, 20);
    expect(perSecond(second(0, 2_000))[1]).toBeGreaterThan(500);
  });

  test('is not taken from a time long ago', () => {
    const { clock, second } = scene();
    second(10, 100);
    clock.now += 600_000;
    expect(second(0, 1)[0]).toBeLessThan(1_500);
  });
});
