import { median, type Spread, spread } from '../statistics.ts';
import { ARM_NAMES, type ArmName } from './arm.ts';
import type { Generation } from './measure-pair.ts';
import type { Slice } from './slice.ts';

export interface ArmFigures {
  readonly stepsPerSecond: Spread;
  /** Medians of CPU time per step in microseconds, by process. */
  readonly cpuMicros: Readonly<Record<string, number>>;
  /** Medians of resident memory, by process. */
  readonly residentBytes: Readonly<Record<string, number>>;
}

export interface PairFigures {
  readonly arms: Readonly<Record<ArmName, ArmFigures>>;
  /** Pairs of slices, one after the other. */
  readonly pairs: number;
  /** Steps per second, on by off: medians of each generation, since what differs most is what V8 makes of a start. */
  readonly throughput: Spread;
  readonly meanThroughput: number;
  /** 1.96 standard errors of that mean: how far chance alone may have moved it. NaN for one generation. */
  readonly throughputError: number;
  /** CPU time per step of all processes, on by off, medians of each generation's sums. */
  readonly cpu: Spread;
  /** What both processes hold after a collection of garbage, on less off, by generation. */
  readonly heldBytes: Spread;
  /** Resident memory of both processes together, on less off, by generation: with the free room in V8's heap. */
  readonly residentBytes: Spread;
}

/** @throws Error when there is not one whole pair. */
export function pairFigures(generations: readonly Generation[]): PairFigures {
  const slices = generations.flatMap((one) => one.slices);
  const whole = generations.map(wholePairs).filter(({ length }) => length > 0);
  const ratios = whole.map((pairs) => medianOf(pairs, 'on') / medianOf(pairs, 'off'));
  return {
    arms: { off: armOf(slices, 'off'), on: armOf(slices, 'on') },
    pairs: whole.flat().length,
    throughput: known(spread(ratios)),
    meanThroughput: mean(ratios),
    throughputError: ratios.length < 2 ? Number.NaN : (1.96 * deviation(ratios)) / Math.sqrt(ratios.length),
    cpu: known(spread(generations.map((one) => cpuOf(one, 'on') / cpuOf(one, 'off')))),
    heldBytes: known(spread(generations.map((one) => one.heldBytes.on - one.heldBytes.off))),
    residentBytes: known(spread(generations.map((one) => residentOf(one, 'on') - residentOf(one, 'off')))),
  };
}

type Pair = Readonly<Record<ArmName, Slice>>;

/** A slice that has none of the other arm beside it is left out. */
function wholePairs({ slices }: Generation): readonly Pair[] {
  const off = slices.filter(({ arm }) => arm === 'off');
  return slices
    .filter(({ arm }) => arm === 'on')
    .flatMap((on, index) => {
      const other = off[index];
      return other === undefined ? [] : [{ on, off: other }];
    });
}

function medianOf(pairs: readonly Pair[], name: ArmName): number {
  return known(median(pairs.map((pair) => pair[name].stepsPerSecond)));
}

function armOf(slices: readonly Slice[], name: ArmName): ArmFigures {
  const own = slices.filter(({ arm }) => arm === name);
  return {
    stepsPerSecond: known(spread(own.map(({ stepsPerSecond }) => stepsPerSecond))),
    cpuMicros: byName(own, ({ cpuMicros }) => cpuMicros),
    residentBytes: byName(own, ({ residentBytes }) => residentBytes),
  };
}

function cpuOf({ slices }: Generation, name: ArmName): number {
  const own = slices.filter(({ arm }) => arm === name);
  return own.flatMap(({ cpuMicros }) => Object.values(cpuMicros)).reduce((sum, value) => sum + value, 0);
}

function residentOf({ slices }: Generation, name: ArmName): number {
  const { orchestrator = 0, worker = 0 } = armOf(slices, name).residentBytes;
  return orchestrator + worker;
}

function byName(slices: readonly Slice[], pick: (slice: Slice) => Readonly<Record<string, number>>): Record<string, number> {
  const names = new Set(slices.flatMap((slice) => Object.keys(pick(slice))));
  return Object.fromEntries([...names].map((name) => [name, median(slices.flatMap((slice) => pick(slice)[name] ?? [])) ?? 0]));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1));
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error(`nothing was measured of ${ARM_NAMES.join(' and ')}`);
  return value;
}
