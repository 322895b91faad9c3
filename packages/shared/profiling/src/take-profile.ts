import { type JsonObject, ValidationError } from '@mainstay/types';
import { captureCpuProfile } from './capture-cpu-profile.ts';
import { asCpuProfile, type CpuProfile } from './cpu-profile.ts';
import { type EventLoopReport, reportEventLoop } from './event-loop-report.ts';
import { type HeapSnapshot, type HeapSnapshotOptions, writeHeapSnapshot } from './heap-snapshot.ts';

/** What processes know how to record, by the name that they are asked by. */
export const PROFILE_ASK = 'profile';
export const PROFILE_KINDS = ['cpu', 'heap', 'event-loop'] as const;
export type ProfileKind = (typeof PROFILE_KINDS)[number];

export interface ProfileWish {
  readonly kind: ProfileKind;
  /** 1 to 60; a heap snapshot takes what it takes. */
  readonly seconds: number;
  /** Of a CPU profile: microseconds between two samples, 100 to 100,000. */
  readonly intervalMicros: number;
}

export type TakenProfile =
  | { readonly kind: 'cpu'; readonly profile: CpuProfile }
  | { readonly kind: 'heap'; readonly snapshot: HeapSnapshot }
  | { readonly kind: 'event-loop'; readonly report: EventLoopReport };

export type ProfilePlace = Pick<HeapSnapshotOptions, 'folder' | 'maxBytes' | 'name' | 'keepMs'>;

/** Records what is wished for, in this process. Rejects as each kind does. */
export async function takeProfile(wish: ProfileWish, place: ProfilePlace, signal: AbortSignal): Promise<TakenProfile> {
  const { kind, seconds, intervalMicros } = wish;
  const ms = 1_000 * seconds;
  switch (kind) {
    case 'cpu':
      return { kind, profile: await captureCpuProfile({ ms, intervalMicros, signal }) };
    case 'heap':
      return { kind, snapshot: await writeHeapSnapshot({ ...place, signal }) };
    case 'event-loop':
      return { kind, report: await reportEventLoop({ ms, signal }) };
  }
}

/** What another process asked for; rejects with VALIDATION_FAILED what is not so. */
export function profileWish({ kind, seconds, intervalMicros }: JsonObject): ProfileWish {
  const known = PROFILE_KINDS.find((one) => one === kind);
  if (known !== undefined && typeof seconds === 'number' && typeof intervalMicros === 'number')
    return { kind: known, seconds, intervalMicros };
  throw new ValidationError('VALIDATION_FAILED', 'A profile has a kind, seconds and intervalMicros');
}

/** Answers another process, with a {@link TakenProfile} as JSON. */
export async function answerProfileAsk(params: JsonObject, place: ProfilePlace, signal: AbortSignal): Promise<string> {
  return JSON.stringify(await takeProfile(profileWish(params), place, signal));
}

/** What another process answered; rejects with VALIDATION_FAILED what is none. */
export function asTakenProfile(value: unknown): TakenProfile {
  const { kind, profile } = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  if (kind === 'cpu') return { kind, profile: asCpuProfile(profile) };
  if (kind === 'heap' || kind === 'event-loop') return value as TakenProfile;
  throw new ValidationError('VALIDATION_FAILED', 'The process answered with something that is no profile');
}
