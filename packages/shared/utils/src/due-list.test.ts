import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Clock, systemClock, type TimerHandle } from './clock.ts';
import { DueEntry, DueList } from './due-list.ts';
import { limitOf } from './limits.ts';
import { FakeClock } from './testing/fake-clock.ts';

class Entry extends DueEntry {
  expiredAt: number | undefined;
  readonly #clock: FakeClock;
  readonly #onExpire: (() => void) | undefined;

  constructor(clock: FakeClock, onExpire?: () => void) {
    super();
    this.#clock = clock;
    this.#onExpire = onExpire;
  }

  expire(): void {
    this.expiredAt = this.#clock.monotonic();
    this.#onExpire?.();
  }
}

/** Its timers can be taken back after they were let go, as those of the machine. */
class RefClock extends FakeClock {
  readonly held = new Set<TimerHandle>();

  override setTimeout(fn: () => void, ms: number): TimerHandle {
    const inner = super.setTimeout(() => {
      this.held.delete(timer);
      fn();
    }, ms);
    const timer: TimerHandle = {
      unref: () => this.held.delete(timer),
      ref: () => this.held.add(timer),
      [Symbol.dispose]: () => {
        this.held.delete(timer);
        inner[Symbol.dispose]();
      },
    };
    this.held.add(timer);
    return timer;
  }
}

describe('DueList', () => {
  test.each(['fake', 'ref'])('expires exactly those that do not leave in time, each at its moment (%s)', async (kind) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 80 }), fc.option(fc.integer({ min: 0, max: 200 }))), { minLength: 1, maxLength: 15 }),
        async (plan) => {
          const clock = kind === 'fake' ? new FakeClock() : new RefClock();
          const list = new DueList(clock, 100);
          const came: { readonly entry: Entry; readonly at: number; readonly leavesAfter: number | null }[] = [];
          for (const [wait, leavesAfter] of plan) {
            await clock.advance(wait);
            const entry = new Entry(clock);
            came.push({ entry, at: clock.monotonic(), leavesAfter });
            list.enter(entry);
            if (leavesAfter !== null) clock.setTimeout(() => list.leave(entry), leavesAfter);
          }
          await clock.advance(400);
          for (const { entry, at, leavesAfter } of came) {
            if (leavesAfter === 100) continue; // both at the same moment: either may be first
            expect(entry.expiredAt).toBe(leavesAfter === null || leavesAfter > 100 ? at + 100 : undefined);
          }
          expect(clock.pendingTimers).toBe(0);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('has one timer for many, and none that holds the process when nobody waits', async () => {
    const clock = new RefClock();
    const list = new DueList(clock, 100);
    const entries = Array.from({ length: 50 }, () => new Entry(clock));
    for (const entry of entries) list.enter(entry);
    expect(clock.pendingTimers).toBe(1);
    for (const entry of entries) list.leave(entry);
    expect(clock.held.size).toBe(0);
    await clock.advance(60);
    const late = new Entry(clock);
    list.enter(late);
    expect(clock.held.size).toBe(1);
    await clock.advance(99);
    expect(late.expiredAt).toBeUndefined();
    await clock.advance(1);
    expect(late.expiredAt).toBe(160);
    expect(clock.pendingTimers).toBe(0);
  });

  test('stands an entry that comes while another expires', async () => {
    const clock = new FakeClock();
    const list = new DueList(clock, 100);
    const second = new Entry(clock);
    list.enter(new Entry(clock, () => list.enter(second)));
    await clock.advance(200);
    expect(second.expiredAt).toBe(200);
  });

  test('takes no notice of the leaving of what is not in it', () => {
    const clock = new FakeClock();
    const entry = new Entry(clock);
    new DueList(clock, 100).enter(entry);
    new DueList(clock, 100).leave(entry);
    expect(clock.pendingTimers).toBe(1);
  });

  test("the machine's timers can be let go and taken back", () => {
    const holding = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = holding();
    const timer = systemClock.setTimeout(() => undefined, 60_000);
    expect(holding()).toBe(before + 1);
    timer.unref();
    expect(holding()).toBe(before);
    timer.ref?.();
    expect(holding()).toBe(before + 1);
    systemClock.clearTimeout(timer);
  });
});

describe('limitOf', () => {
  test('gives all who ask for the same length the same list, and none for no limit', () => {
    const clock: Clock = new FakeClock();
    expect(limitOf(clock, 100)).toBe(limitOf(clock, 100));
    expect(limitOf(clock, 100)).not.toBe(limitOf(new FakeClock(), 100));
    expect(limitOf(clock, Number.POSITIVE_INFINITY)).toBeUndefined();
  });

  test('keeps a bounded number of them', () => {
    const clock = new FakeClock();
    for (let ms = 1; ms <= 300; ms++) limitOf(clock, ms);
    expect(limitOf(clock, 1)).toBe(limitOf(clock, 1));
    expect(limitOf(clock, 300)).not.toBe(limitOf(clock, 300));
  });
});
