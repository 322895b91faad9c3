import type { PriorityClass } from '@mainstay/types';

/** One step of a read: take at most so many of a class. */
export interface ReadStep {
  readonly priority: PriorityClass;
  readonly limit: number;
}

/** Of so many full reads in a row, one begins with `low`. */
export const LOW_TURN = 16;
/** Of so many full reads in a row, one begins with `normal` (unless it is the turn of `low`). */
export const NORMAL_TURN = 4;

/**
 * In which order the classes are read when up to `max` tasks are wanted. `fullReads` counts the reads just before that
 * came back full: only then can something have been left waiting. Higher classes come first, but under an endless load of
 * them every 4th full read first takes up to a quarter of `max` (at least one) from `normal`, and every 16th from `low`,
 * so that no class waits for ever; classes below `least` are left out. Share of the lower classes under full load, with `max` = 1: normal 3/16, low 1/16.
 */
export function readOrder(fullReads: number, max: number, least: PriorityClass = 'low'): readonly ReadStep[] {
  const steps = allSteps(fullReads, max);
  return least === 'low' ? steps : steps.filter(({ priority }) => priority === 'high' || priority === least);
}

function allSteps(fullReads: number, max: number): readonly ReadStep[] {
  const usual: readonly ReadStep[] = [
    { priority: 'high', limit: max },
    { priority: 'normal', limit: max },
    { priority: 'low', limit: max },
  ];
  const share = Math.ceil(max / 4);
  if (fullReads % LOW_TURN === LOW_TURN - 1) return [{ priority: 'low', limit: share }, ...usual];
  if (fullReads % NORMAL_TURN === NORMAL_TURN - 1) return [{ priority: 'normal', limit: share }, ...usual];
  return usual;
}

/** So many entries are to be taken from the lane at this index. */
export interface Share {
  readonly lane: number;
  readonly count: number;
}

/** At most `limit` entries from all lanes from index `from` to before `to`. */
export interface TakeStep {
  readonly from: number;
  readonly to: number;
  readonly limit: number;
}

/** What to take from lanes in which so many entries wait: step by step, within a step lane by lane, `max` in all. */
export function share(steps: readonly TakeStep[], waiting: readonly number[], max: number): readonly Share[] {
  const left = [...waiting];
  const shares: Share[] = [];
  let room = max;
  for (const { from, to, limit } of steps) {
    let quota = Math.min(room, limit);
    for (let lane = from; lane < to && quota > 0; lane++) {
      const count = Math.min(quota, left[lane] ?? 0);
      if (count === 0) continue;
      shares.push({ lane, count });
      left[lane] = (left[lane] ?? 0) - count;
      quota -= count;
      room -= count;
    }
  }
  return shares;
}

/** The list begun at another place, so that each has its turn at being first. */
export function rotate<T>(list: readonly T[], by: number): readonly T[] {
  if (list.length === 0) return list;
  const start = by % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}
