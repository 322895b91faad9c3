import { describe, expect, test } from '@jest/globals';
import { Machine } from './machine.ts';
import { Random } from './random.ts';
import { Scheduler } from './scheduler.ts';

const never = (): boolean => false;

describe('the scheduler', () => {
  test('does everything in the order of time, and of planning where times are equal', async () => {
    const scheduler = new Scheduler();
    const random = new Random(1);
    const done: (readonly [at: number, n: number])[] = [];
    for (let n = 0; n < 500; n++) {
      const at = random.below(50);
      scheduler.in(at, 'x', () => done.push([scheduler.now, n]));
    }
    await scheduler.until(never, 1_000);
    expect(done).toHaveLength(500);
    expect(done).toEqual([...done].sort(([a, m], [b, n]) => a - b || m - n));
    expect(scheduler.steps).toBe(500);
  });

  test('passes over what was cancelled, and stops at the time or the condition', async () => {
    const scheduler = new Scheduler();
    const done: string[] = [];
    const cancelled = scheduler.in(5, 'x', () => done.push('cancelled'));
    for (const at of [10, 20, 30]) scheduler.in(at, 'x', () => done.push(String(at)));
    cancelled.cancelled = true;
    expect(await scheduler.until(() => done.length === 1, 1_000)).toBe(true);
    expect([done, scheduler.now]).toEqual([['10'], 10]);
    expect(await scheduler.until(never, 25)).toBe(false);
    expect([done, scheduler.now]).toEqual([['10', '20'], 25]);
  });

  test('lets all that follows from a step happen before the next', async () => {
    const scheduler = new Scheduler();
    const done: string[] = [];
    const chain = async (): Promise<void> => {
      for (let i = 0; i < 100; i++) await Promise.resolve();
      process.nextTick(() => done.push('first'));
    };
    scheduler.in(1, 'x', () => void chain());
    scheduler.in(1, 'x', () => done.push('second'));
    await scheduler.until(never, 10);
    expect(done).toEqual(['first', 'second']);
  });
});

describe('a machine', () => {
  const setting = (): { scheduler: Scheduler; machine: Machine; done: string[] } => {
    const scheduler = new Scheduler();
    return { scheduler, machine: new Machine(scheduler, { name: 'm', drift: 0, wallOffsetMs: 0 }), done: [] };
  };

  test('that is paused does what came meanwhile when it goes on', async () => {
    const { scheduler, machine, done } = setting();
    machine.clock.setTimeout(() => done.push(`timer at ${Math.round(scheduler.now)}`), 10);
    machine.pause();
    machine.deliver(() => done.push('news'));
    await scheduler.until(never, 50);
    expect(done).toEqual([]);
    machine.resume();
    await scheduler.until(never, 60);
    expect(done).toEqual(['news', 'timer at 50']);
    expect(machine.timers).toBe(0);
  });

  test('that was killed does nothing any more', async () => {
    const { scheduler, machine, done } = setting();
    machine.clock.setTimeout(() => done.push('timer'), 10);
    machine.pause();
    machine.deliver(() => done.push('news'));
    machine.kill();
    machine.resume();
    await scheduler.until(never, 50);
    expect(done).toEqual([]);
  });

  test('counts its timers', () => {
    const { machine } = setting();
    const [one, two] = [machine.clock.setTimeout(() => undefined, 10), machine.clock.setTimeout(() => undefined, 10)];
    expect(machine.timers).toBe(2);
    machine.clock.clearTimeout(one);
    machine.clock.clearTimeout(one);
    expect(machine.timers).toBe(1);
    two[Symbol.dispose]();
    expect(machine.timers).toBe(0);
  });

  test('has clocks of its own', async () => {
    const scheduler = new Scheduler();
    const fast = new Machine(scheduler, { name: 'fast', drift: 0.1, wallOffsetMs: 5_000 });
    const begun = { now: fast.clock.now(), monotonic: fast.clock.monotonic() };
    const woken = fast.clock.sleep(1_100);
    let at = 0;
    void woken.then(() => (at = scheduler.now));
    await scheduler.until(never, 2_000);
    expect(at).toBeCloseTo(1_000);
    expect(fast.clock.now() - begun.now).toBe(2_200);
    expect(fast.clock.monotonic() - begun.monotonic).toBeCloseTo(2_200);
  });
});
