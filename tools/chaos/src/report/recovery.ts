import { FAULT_KINDS, type FaultKind } from '../faults/kinds.ts';
import type { Fault } from '../faults/inject.ts';
import type { StepLine } from '../steps/step-lines.ts';

/** What came of one fault. Durations in milliseconds. */
export interface Recovery {
  /** Until the first step was done. */
  readonly firstStepMs: number | undefined;
  /**
   * Until everything went on: each step that the victim had under way has begun anew elsewhere or is done, and steps are done at half
   * of the pace before or faster. Undefined: not before the end of the drill.
   */
  readonly recoveredMs: number | undefined;
  /** Steps that were interrupted. */
  readonly interrupted: number;
  /** No other fault was felt meanwhile: only then the time is that of this kind. */
  readonly alone: boolean;
}

/** The pace before a fault is that of so long. */
const BEFORE_MS = 3_000;
/** The pace is back when it was so for this long. */
const WINDOW_MS = 500;
const SHARE = 0.5;

/** How the work went on after each fault, told from what the agents noted. Pure. Steps in order of time. */
export function recoveries(given: readonly Fault[], steps: readonly StepLine[]): readonly Recovery[] {
  const done = steps.filter(({ sign }) => sign === 'd').map(({ at }) => at);
  const faults = given.map((fault) => struck(fault, steps));
  const all = faults.map((fault) => {
    const from = FAULT_KINDS[fault.kind].from === 'begin' ? fault.beginAt : fault.endAt;
    const first = done[lowerBound(done, from)];
    const paceAt = paceBack(done, fault.beginAt, from);
    const taken = interruptedBy(fault, steps);
    const last = taken.reduce<number | undefined>(
      (latest, at) => (latest === undefined || at === undefined ? undefined : Math.max(latest, at)),
      from,
    );
    return {
      firstStepMs: first === undefined ? undefined : first - from,
      recoveredMs: paceAt === undefined || last === undefined ? undefined : Math.max(paceAt, last) - from,
      interrupted: taken.length,
      alone: true,
    };
  });
  return all.map((one, at) => ({ ...one, alone: isAlone(faults, all, at) }));
}

/** A poisoned run strikes whoever does its task, and not before. */
function struck(fault: Fault, steps: readonly StepLine[]): Fault {
  const first =
    fault.run === undefined || fault.kind === 'poison-garbage'
      ? undefined
      : steps.find(({ sign, run }) => sign === 'b' && run === fault.run);
  return first === undefined ? fault : { ...fault, pids: [first.pid], beginAt: first.at, endAt: Math.max(fault.endAt, first.at) };
}

function isAlone(faults: readonly Fault[], all: readonly Recovery[], at: number): boolean {
  const [begin, end] = feltBetween(faults[at], all[at]);
  return faults.every((other, index) => {
    const [from, to] = feltBetween(other, all[index]);
    return index === at || to < begin || from > end;
  });
}

function feltBetween(fault: Fault | undefined, recovery: Recovery | undefined): readonly [from: number, to: number] {
  if (fault === undefined) return [Infinity, Infinity];
  const { beginAt, endAt, kind } = fault;
  const from = FAULT_KINDS[kind].from === 'begin' ? beginAt : endAt;
  return [beginAt, Math.max(endAt, from + (recovery?.recoveredMs ?? Infinity))];
}

/** When the pace was back, and stayed for a window. */
function paceBack(done: readonly number[], beginAt: number, from: number): number | undefined {
  const before = lowerBound(done, beginAt) - lowerBound(done, beginAt - BEFORE_MS);
  const wanted = Math.ceil((before / BEFORE_MS) * WINDOW_MS * SHARE);
  if (wanted === 0) return from;
  for (let at = lowerBound(done, from); at + wanted - 1 < done.length; at++) {
    const [begin, end] = [done[at], done[at + wanted - 1]];
    if (begin !== undefined && end !== undefined && end - begin <= WINDOW_MS) return end;
  }
  return undefined;
}

/** For each step that the victims had under way: when it began elsewhere, or was done by whomever. */
function interruptedBy({ pids, beginAt }: Fault, steps: readonly StepLine[]): readonly (number | undefined)[] {
  if (pids.length === 0) return [];
  const victims = new Set(pids);
  const held = new Set<string>();
  const taken = new Map<string, number>();
  for (const { sign, at, pid, run, task } of steps) {
    const key = `${run} ${task}`;
    if (at <= beginAt) {
      if (!victims.has(pid)) held.delete(key);
      else if (sign === 'b') held.add(key);
      else if (sign !== 'e') held.delete(key);
    } else if (held.has(key) && !taken.has(key) && (sign === 'd' || (sign === 'b' && !victims.has(pid)))) taken.set(key, at);
  }
  return [...held].map((key) => taken.get(key));
}

/** Index of the first number that is not less. */
export function lowerBound(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? Infinity) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Recovery of one kind of fault. */
export interface KindSummary {
  readonly kind: FaultKind;
  readonly faults: number;
  /** Those whose time counts. */
  readonly alone: number;
  /** Faults after which everything went on. */
  readonly survived: number;
  readonly interrupted: number;
  readonly firstStepMs: Spread | undefined;
  readonly recoveredMs: Spread | undefined;
  readonly boundMs: number;
  readonly held: boolean;
}

export interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export function summarize(faults: readonly Fault[], all: readonly Recovery[]): readonly KindSummary[] {
  const kinds = [...new Set(faults.map(({ kind }) => kind))].sort();
  return kinds.map((kind) => {
    const own = all.filter((_, at) => faults[at]?.kind === kind);
    const alone = own.filter((one) => one.alone);
    const recoveredMs = spreadOf(alone.flatMap((one) => one.recoveredMs ?? []));
    const { boundMs } = FAULT_KINDS[kind];
    const survived = own.filter((one) => one.recoveredMs !== undefined).length;
    return {
      kind,
      faults: own.length,
      alone: alone.length,
      survived,
      interrupted: own.reduce((sum, { interrupted }) => sum + interrupted, 0),
      firstStepMs: spreadOf(alone.flatMap((one) => one.firstStepMs ?? [])),
      recoveredMs,
      boundMs,
      held: survived === own.length && (recoveredMs?.p99 ?? 0) <= boundMs,
    };
  });
}

/** Nearest rank. */
export function spreadOf(values: readonly number[]): Spread | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return sorted.length === 0 ? undefined : { p50: rank(0.5), p99: rank(0.99), max: rank(1) };
}
