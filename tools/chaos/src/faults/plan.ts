import type { Random } from '../random.ts';
import type { FaultKind } from './kinds.ts';

/** What is to be done, and to whom. */
export interface PlannedFault {
  readonly kind: FaultKind;
  /** Pause before it, after the one before has ended. */
  readonly gapMs: number;
  /** How long it lasts, where it lasts. */
  readonly holdMs: number;
  /** Chooses the victim among those that there are: uniform in [0, 1). */
  readonly victim: number;
}

/** Most faults are overcome by then, so that their times are their own. */
const GAP_MS = { min: 1_000, max: 3_000 };
/** Some begin while the one before is still felt. */
const HURRIED = 0.15;
const HOLD_MS: Partial<Readonly<Record<FaultKind, readonly [min: number, max: number]>>> = {
  'worker-stop': [5_500, 7_500],
  'orchestrator-stop': [2_000, 7_000],
  'redis-kill': [100, 2_000],
  'redis-empty': [100, 2_000],
  'redis-full': [500, 3_000],
  'redis-stop': [500, 5_000],
  'postgres-kill': [100, 2_000],
  'postgres-restart': [100, 2_000],
  'link-cut': [4_500, 7_500],
  'link-delay': [1_000, 3_000],
  'link-throttle': [1_000, 3_000],
  'disk-full-postgres': [500, 2_500],
  'disk-full-redis': [500, 2_500],
  'memory-pressure': [500, 1_500],
  'file-handles': [500, 2_500],
  'clock-jump': [1_000, 3_000],
  'poison-crash': [1_000, 2_000],
  'poison-hang': [6_000, 7_000],
  'poison-allocate': [1_500, 2_500],
};

/** Faults without end, in an order that follows from the random numbers: every kind comes once before any comes again. */
export function* planFaults(kinds: readonly FaultKind[], random: Random): Generator<PlannedFault, never> {
  if (kinds.length === 0) throw new RangeError('there are no kinds of faults to choose from');
  for (;;) {
    for (const kind of random.shuffled(kinds)) {
      const [min, max] = HOLD_MS[kind] ?? [0, 0];
      yield {
        kind,
        gapMs: random.next() < HURRIED ? 50 : random.integer(GAP_MS.min, GAP_MS.max),
        holdMs: random.integer(min, max),
        victim: random.next(),
      };
    }
  }
}
