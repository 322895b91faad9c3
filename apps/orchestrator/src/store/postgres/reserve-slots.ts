import { needsSlot } from '../created-as.ts';
import type { NewRun } from '../store.ts';
import type { Database, Runner } from './database.ts';
import { byTextOf, pairKey } from './order.ts';
import {
  findWaiting,
  lockSlots,
  lockSlotsTable,
  pipelineLimits,
  pipelineNames,
  recountSlots,
  reservations,
  reserveSlots,
} from './sql/slots.ts';

interface Line {
  readonly tenant: string;
  readonly pipeline: string;
  readonly runs: NewRun[];
  /** The greatest limit among the runs. */
  capacity: number;
}

/**
 * Takes a slot for each run for whose pipeline one is free, and returns those and the ones that need none. The slots' rows stay
 * locked until the transaction ends. A slot for which others wait already is not free.
 */
export async function reserveSlotsFor(runner: Runner, runs: readonly NewRun[]): Promise<ReadonlySet<NewRun>> {
  const lines = linesOf(runs);
  const free = new Set(runs.filter((run) => !needsSlot(run)));
  if (lines.length === 0) return free;
  const locked = await runner.query<{ tenant: string; pipeline: string; active: number }>(lockSlots, pipelineLimits.parameters(lines));
  const active = new Map(locked.map((row) => [pairKey(row.tenant, row.pipeline), row.active]));
  const waiting = await runner.query<{ tenant: string; pipeline: string }>(findWaiting, pipelineNames.parameters(lines));
  const crowded = new Set(waiting.map((row) => pairKey(row.tenant, row.pipeline)));
  const taken = lines.flatMap((line) => {
    const key = pairKey(line.tenant, line.pipeline);
    const chosen = crowded.has(key) ? [] : firstOf(line.runs, active.get(key) ?? 0);
    for (const run of chosen) free.add(run);
    return chosen.length === 0 ? [] : [{ tenant: line.tenant, pipeline: line.pipeline, by: chosen.length }];
  });
  if (taken.length > 0) await runner.query(reserveSlots, reservations.parameters(taken));
  return free;
}

/** As many as fit, in order; the first that does not fit ends it, for the others would overtake it. */
function firstOf(runs: readonly NewRun[], active: number): readonly NewRun[] {
  const end = runs.findIndex(({ concurrency }, index) => active + index >= (concurrency ?? Infinity));
  return end < 0 ? runs : runs.slice(0, end);
}

function linesOf(runs: readonly NewRun[]): readonly Line[] {
  const lines = new Map<string, Line>();
  for (const run of runs) {
    if (!needsSlot(run)) continue;
    const { tenant, pipeline } = run.started.state;
    const key = pairKey(tenant, pipeline);
    const line = lines.get(key) ?? { tenant, pipeline, runs: [], capacity: 0 };
    line.runs.push(run);
    line.capacity = Math.max(line.capacity, run.concurrency ?? 0);
    lines.set(key, line);
  }
  return [...lines.values()].sort(byTextOf(({ tenant, pipeline }) => pairKey(tenant, pipeline)));
}

/** Counts the held slots anew; nobody else can take or free one meanwhile. */
export async function recountAllSlots(database: Database): Promise<void> {
  await database.transaction('recount-slots', async (runner) => {
    await runner.query(lockSlotsTable);
    await runner.query(recountSlots);
  });
}
