import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { verify, type VerifyReport } from '@mainstay/verify';
import { type Fault, injectFault } from './faults/inject.ts';
import { FAULT_KINDS, type FaultKind } from './faults/kinds.ts';
import { planFaults } from './faults/plan.ts';
import { type AcceptedRun, Load } from './load/load.ts';
import type { ChaosOptions } from './options.ts';
import { seededRandom } from './random.ts';
import type { ChaosReport } from './report/chaos-report.ts';
import { recoveries, summarize } from './report/recovery.ts';
import { evenNow, parseSteps, type StepLine } from './steps/step-lines.ts';
import { canLimitHandles } from './system/file-handles.ts';
import { findLeaks } from './system/leaks.ts';
import { queryWorld } from './system/query.ts';
import { World } from './system/world.ts';

export interface ChaosScene {
  readonly options: ChaosOptions;
  readonly onProgress: (line: string) => void;
  /** Ends the faults early; the end of the drill is as usual. */
  readonly signal: AbortSignal;
}

/** Work goes on so long before the first fault, so that there is a pace to compare with. */
const WARM_UP_MS = 3_000;
/** After the last fault all accepted runs must have ended within so long. */
const END_MS = 90_000;
/** A fault that is not over by then has broken something for good. */
const FAULT_MS = 120_000;

/** The whole drill: a system, its users, faults, the end, and what is found then. */
export async function runChaos(scene: ChaosScene): Promise<ChaosReport> {
  const { options, onProgress } = scene;
  const wantsDisks = options.kinds.some((kind) => kind.startsWith('disk-'));
  const world = await World.start({ ...options, capacity: 16, smallDisks: wantsDisks, onProgress });
  try {
    return await drill(scene, world);
  } finally {
    await world.close(options.keep);
    if (options.keep) onProgress(`logs and data: ${world.folder}`);
  }
}

async function drill(scene: ChaosScene, world: World): Promise<ChaosReport> {
  const { options, onProgress } = scene;
  const skipped = await impossible(options.kinds, world);
  const load = new Load(world.url, world.adminKey, seededRandom(options.seed ^ 0x5eed));
  const problems: string[] = [];
  try {
    await load.define();
    const beginAt = evenNow();
    load.keep(options.inFlight);
    await delay(WARM_UP_MS);
    const faults = await makeFaults(scene, world, load, new Set(skipped.map(({ kind }) => kind)), problems);
    onProgress('the faults are over; waiting for every accepted run');
    if (!(await world.allPresent())) problems.push('not every process was present again within a minute after the last fault');
    await load.drain(END_MS);
    await allEnded(world, END_MS);
    await load.close();
    const failed = await world.stopProcesses();
    problems.push(...failed.map((one) => `did not stop in order: ${one}`));
    onProgress('checking every invariant');
    const leaks = await findLeaks(world);
    const checked = await verify({ url: world.postgres.url });
    const steps = parseSteps(readFileSync(world.stepLog, 'utf8'));
    return await assemble({ scene, world, load, faults, skipped, problems, leaks, checked, steps, beginAt });
  } finally {
    await load.close();
  }
}

async function impossible(kinds: readonly FaultKind[], { disks }: World): Promise<ChaosReport['skipped']> {
  const noMount = 'this user may not mount a file system';
  const reasons: Partial<Record<FaultKind, string>> = {
    ...(disks.postgres === undefined && { 'disk-full-postgres': noMount }),
    ...(disks.redis === undefined && { 'disk-full-redis': noMount }),
    ...(!(await canLimitHandles()) && { 'file-handles': 'the program prlimit is not there' }),
  };
  return kinds.flatMap((kind) => {
    const why = reasons[kind];
    return why === undefined ? [] : [{ kind, why }];
  });
}

async function makeFaults(
  { options, onProgress, signal }: ChaosScene,
  world: World,
  load: Load,
  skipped: ReadonlySet<FaultKind>,
  problems: string[],
): Promise<readonly Fault[]> {
  const kinds = options.kinds.filter((kind) => !skipped.has(kind));
  const end = performance.now() + options.durationMs;
  const faults: Fault[] = [];
  if (kinds.length === 0) return faults;
  for (const planned of planFaults(kinds, seededRandom(options.seed))) {
    await delay(planned.gapMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted || performance.now() > end) break;
    const fault = await Promise.race([injectFault(world, load, planned), delay(FAULT_MS, undefined, { ref: false })]);
    if (fault === undefined) {
      problems.push(`${planned.kind} was not over after ${String(FAULT_MS / 1_000)} s`);
      break;
    }
    faults.push(fault);
    const left = Math.max(0, Math.round((end - performance.now()) / 1_000));
    onProgress(`${String(left).padStart(5)} s  ${FAULT_KINDS[fault.kind].says}: ${fault.victim}; ${String(load.accepted.length)} runs`);
  }
  return faults;
}

const UNFINISHED = `select count(*)::int as n from runs where status not in ('succeeded', 'failed', 'cancelled')`;

/** Waits until no run is unfinished in Postgres, which alone says what is true. */
async function allEnded(world: World, timeoutMs: number): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (performance.now() < end) {
    const [row] = await queryWorld<{ n: number }>(world, UNFINISHED);
    if (row?.n === 0) return;
    await delay(200);
  }
}

interface Found {
  readonly scene: ChaosScene;
  readonly world: World;
  readonly load: Load;
  readonly faults: readonly Fault[];
  readonly skipped: ChaosReport['skipped'];
  readonly problems: string[];
  readonly leaks: readonly string[];
  readonly checked: VerifyReport;
  readonly steps: readonly StepLine[];
  readonly beginAt: number;
}

async function assemble(found: Found): Promise<ChaosReport> {
  const { scene, world, load, faults, skipped, problems, leaks, checked, steps, beginAt } = found;
  const stored = new Map(
    (await queryWorld<{ id: string; status: string }>(world, 'select id::text as id, status from runs')).map((row) => [row.id, row.status]),
  );
  const { lost, wrong } = judge(load.accepted, stored);
  const duplicated = checked.found.TASK_SUCCEEDED_TWICE ?? 0;
  const all = recoveries(faults, steps);
  const kinds = summarize(faults, all);
  const unsurvived = kinds.filter((kind) => kind.survived < kind.faults);
  const every = [
    ...problems,
    ...lost.slice(0, 20).map(({ id, pipeline }) => `run ${id} of ${pipeline} was accepted and is ${stored.get(id) ?? 'not there'}`),
    ...wrong.slice(0, 20).map(({ id, pipeline, ends }) => `run ${id} of ${pipeline} should have ${ends} and has ${stored.get(id) ?? ''}`),
    ...leaks,
    ...checked.findings.slice(0, 20).map(({ code, run = '', message }) => `${code} ${run}: ${message}`),
    ...load.refused.slice(0, 20).map((why) => `a user was let down: ${why}`),
    ...unsurvived.map(({ kind }) => `after ${kind} not everything went on`),
  ];
  const slow = kinds
    .filter(({ held, survived, faults: n }) => !held && survived === n)
    .map(({ kind, recoveredMs, boundMs }) => `${kind}: p99 ${String(Math.round(recoveredMs?.p99 ?? 0))} ms, bound ${String(boundMs)} ms`);
  return {
    ok: every.length === 0 && (!scene.options.strict || slow.length === 0),
    problems: every,
    slow,
    seed: scene.options.seed,
    durationMs: Math.round(evenNow() - beginAt),
    skipped,
    runs: { accepted: load.accepted.length, lost: lost.length, wrong: wrong.length, refused: load.refused.length },
    steps: {
      done: steps.filter(({ sign }) => sign === 'd').length,
      repeatedAttempts: checked.repeatedAttempts,
      repeatedEffects: repeats(steps),
      duplicated,
    },
    leaks,
    kinds,
    faults: faults.map((fault, at) => ({
      ...fault,
      ...(all[at] ?? { firstStepMs: undefined, recoveredMs: undefined, interrupted: 0, alone: false }),
    })),
    verify: checked,
    throughput: perSecond(steps, beginAt),
    beginAt,
  };
}

const FINAL = new Set(['succeeded', 'failed', 'cancelled']);

function judge(
  accepted: readonly AcceptedRun[],
  stored: ReadonlyMap<string, string>,
): Readonly<Record<'lost' | 'wrong', readonly AcceptedRun[]>> {
  const lost = accepted.filter(({ id }) => !FINAL.has(stored.get(id) ?? ''));
  const wrong = accepted.filter(({ id, ends }) => FINAL.has(stored.get(id) ?? '') && stored.get(id) !== ends);
  return { lost, wrong };
}

/** Effects beyond the first of each task. */
function repeats(steps: readonly StepLine[]): number {
  const effects = steps.filter(({ sign }) => sign === 'e');
  return effects.length - new Set(effects.map(({ run, task }) => `${run} ${task}`)).size;
}

function perSecond(steps: readonly StepLine[], beginAt: number): readonly number[] {
  const counts: number[] = [];
  for (const { sign, at } of steps) {
    if (sign !== 'd' || at < beginAt) continue;
    const second = Math.floor((at - beginAt) / 1_000);
    while (counts.length <= second) counts.push(0);
    counts[second] = (counts[second] ?? 0) + 1;
  }
  return counts;
}
