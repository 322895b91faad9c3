import { setTimeout as delay } from 'node:timers/promises';

/** A call that comes at a rate, however long the earlier ones take. */
export interface Caller {
  readonly name: string;
  readonly perSecond: number;
  readonly call: () => Promise<unknown>;
}

export interface Outcome {
  readonly name: string;
  readonly ok: boolean;
  readonly ms: number;
}

const TICK_MS = 10;

/** Calls at steady rates for so long, and waits for all answers. */
export async function steadyLoad(callers: readonly Caller[], forMs: number): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  const pending: Promise<void>[] = [];
  const begun = new Map<string, number>();
  const startedAt = performance.now();
  for (let now = 0; now < forMs; now = performance.now() - startedAt) {
    for (const caller of callers) {
      let count = begun.get(caller.name) ?? 0;
      for (; count < (Math.min(now, forMs) / 1_000) * caller.perSecond; count++) pending.push(observe(caller, outcomes));
      begun.set(caller.name, count);
    }
    await delay(TICK_MS);
  }
  await Promise.all(pending);
  return outcomes;
}

async function observe({ name, call }: Caller, outcomes: Outcome[]): Promise<void> {
  const startedAt = performance.now();
  const ok = await call().then(
    () => true,
    () => false,
  );
  outcomes.push({ name, ok, ms: performance.now() - startedAt });
}

export function countOf(outcomes: readonly Outcome[], name: string): number {
  return outcomes.filter((outcome) => outcome.name === name).length;
}

/** Share of the calls of that name that were answered. */
export function shareOf(outcomes: readonly Outcome[], name: string): number {
  const own = outcomes.filter((outcome) => outcome.name === name);
  return own.filter(({ ok }) => ok).length / own.length;
}

/** The duration that this share of the calls of that name did not exceed. */
export function percentileOf(outcomes: readonly Outcome[], name: string, share: number): number {
  const times = outcomes.filter((outcome) => outcome.name === name).map(({ ms }) => ms);
  return times.toSorted((a, b) => a - b)[Math.floor(share * (times.length - 1))] ?? Number.NaN;
}

/** Share of the calls of that name that failed or took longer. */
export function shareBeyond(outcomes: readonly Outcome[], name: string, limitMs: number): number {
  const own = outcomes.filter((outcome) => outcome.name === name);
  return own.filter(({ ok, ms }) => !ok || ms > limitMs).length / own.length;
}
