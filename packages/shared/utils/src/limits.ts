import type { Clock } from './clock.ts';
import { DueList } from './due-list.ts';

/** Lengths that are kept, by clock; beyond them a list is made for the one who asks. */
const MAX_LENGTHS = 256;
const lists = new WeakMap<Clock, Map<number, DueList>>();

/** The list for limits of `ms` milliseconds on a clock, shared by all who ask for the same; undefined for `Infinity`: no limit. */
export function limitOf(clock: Clock, ms: number): DueList | undefined {
  if (ms === Number.POSITIVE_INFINITY) return undefined;
  let ofClock = lists.get(clock);
  if (ofClock === undefined) {
    ofClock = new Map();
    lists.set(clock, ofClock);
  }
  const known = ofClock.get(ms);
  if (known !== undefined) return known;
  const made = new DueList(clock, ms);
  if (ofClock.size < MAX_LENGTHS) ofClock.set(ms, made);
  return made;
}
