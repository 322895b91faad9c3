import { describe, expect, test } from '@jest/globals';
import { STRAY_AFTER_MS, StrayWork, strayWork } from './stray-work.ts';
import { FakeClock } from './testing/fake-clock.ts';
import { withTimeout } from './with-timeout.ts';

describe('StrayWork', () => {
  test('tells the name of work that goes on long after it was given up, once per call', async () => {
    const clock = new FakeClock();
    const told: string[] = [];
    const leave = strayWork.on('stray', (name) => told.push(name));
    const deaf = withTimeout(() => new Promise(() => undefined), 100, { clock, name: 'deaf' });
    const failed = expect(deaf).rejects.toMatchObject({ code: 'OPERATION_TIMEOUT' });
    await clock.advance(100 + STRAY_AFTER_MS - 1);
    expect(told).toEqual([]);
    await clock.advance(1);
    await failed;
    expect(told).toEqual(['deaf']);
    expect(strayWork.list()).toContainEqual({ name: 'deaf', running: 1, reported: 1 });
    leave();
  });

  test('says nothing of work that observes its signal', async () => {
    const clock = new FakeClock();
    const told: string[] = [];
    const leave = strayWork.on('stray', (name) => told.push(name));
    const good = withTimeout((signal) => clock.sleep(10_000, signal), 100, { clock, name: 'good' });
    const failed = expect(good).rejects.toMatchObject({ code: 'OPERATION_TIMEOUT' });
    await clock.advance(10_000);
    await failed;
    expect(told).toEqual([]);
    expect(strayWork.list().filter(({ name }) => name === 'good')).toEqual([]);
    leave();
  });

  test('sees late successes as ends as well', async () => {
    const clock = new FakeClock();
    const late = withTimeout(() => clock.sleep(500).then(() => 'late'), 100, { clock, name: 'slow' });
    const failed = expect(late).rejects.toMatchObject({ code: 'OPERATION_TIMEOUT' });
    await clock.advance(200);
    await failed;
    expect(strayWork.list()).toContainEqual({ name: 'slow', running: 1, reported: 0 });
    await clock.advance(500);
    expect(strayWork.list().filter(({ name }) => name === 'slow')).toEqual([]);
  });

  test('counts names beyond a bound together', () => {
    const clock = new FakeClock();
    const strays = new StrayWork();
    const ends = Array.from({ length: 1_500 }, (_, index) => strays.add(`work ${index}`, clock));
    expect(strays.list()).toHaveLength(1_001);
    expect(strays.list().at(-1)).toEqual({ name: '(others)', running: 500, reported: 0 });
    for (const end of ends) end();
    expect(strays.list()).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });
});
