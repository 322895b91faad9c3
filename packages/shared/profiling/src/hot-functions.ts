import { type CallFrame, type CpuProfile, selfMicros } from './cpu-profile.ts';
import { folderOf, isIdle, nameOf, placeOf } from './frames.ts';

export interface HotFunction {
  readonly name: string;
  /** Time in the function itself, in milliseconds and as a share of the time that was not idle. */
  readonly selfMs: number;
  readonly share: number;
}

/** How long was recorded, and how much of it was not idle. */
export function timesOf(profile: CpuProfile): { readonly recordedMs: number; readonly busyMs: number } {
  const idle = new Set(profile.nodes.filter(({ callFrame }) => isIdle(callFrame)).map(({ id }) => id));
  let recorded = 0;
  let busy = 0;
  for (const [id, micros] of selfMicros(profile)) {
    recorded += micros;
    if (!idle.has(id)) busy += micros;
  }
  return { recordedMs: recorded / 1_000, busyMs: busy / 1_000 };
}

/** The functions in which most time was spent, without those that they called. */
export function hotFunctions(profile: CpuProfile, count: number): readonly HotFunction[] {
  return hottest(profile, count, (frame) => `${nameOf(frame)} ${placeOf(frame)}`.trimEnd());
}

/** The packages and folders in which most time was spent. */
export function hotPlaces(profile: CpuProfile, count: number): readonly HotFunction[] {
  return hottest(profile, count, folderOf);
}

function hottest(profile: CpuProfile, count: number, keyOf: (frame: CallFrame) => string): readonly HotFunction[] {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const totals = new Map<string, number>();
  let busy = 0;
  for (const [id, micros] of selfMicros(profile)) {
    const frame = frames.get(id);
    if (frame === undefined || isIdle(frame)) continue;
    const key = keyOf(frame);
    totals.set(key, (totals.get(key) ?? 0) + micros);
    busy += micros;
  }
  return [...totals]
    .filter(([, micros]) => micros > 0)
    .sort(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([name, micros]) => ({ name, selfMs: micros / 1_000, share: micros / busy }));
}
