import { InternalError, type JsonValue } from '@mainstay/types';
import {
  type Change,
  type ClosedDecision,
  type DecisionState,
  dueAt,
  FINAL_RUN_STATUSES,
  type NewDeadLetter,
  type TaskState,
} from '../pipeline/model.ts';
import { type RedriveRecord, redriveRecords } from './redrive-records.ts';

/** A task to write. `fresh`: it was dispatched by this change, so it belongs to the present batch. */
export interface TaskWrite {
  readonly task: TaskState;
  readonly fresh: boolean;
}

/** A decision to insert; one that was opened and answered by the same change comes with its answer. */
export interface OpenedWrite {
  readonly decision: DecisionState;
  readonly closed?: ClosedDecision;
}

/** What few changes have. */
export interface RareWrites {
  readonly opened: readonly OpenedWrite[];
  readonly closed: readonly ClosedDecision[];
  /** Decisions that nobody can answer any more, because their run or task ended. */
  readonly withdrawn: readonly string[];
  readonly checkpoints: readonly { readonly stage: string; readonly fence: number; readonly state: JsonValue }[];
  readonly checkpointsRemoved: readonly string[];
  readonly deadLetters: readonly NewDeadLetter[];
  /** Stages whose dead letters go on. */
  readonly redriven: readonly string[];
  /** One or two of each of them, written only for letters that waited. */
  readonly redriveRecords: readonly RedriveRecord[];
}

/** What a change writes, row by row. Both stores write exactly this, so that a change which forgets a row is wrong in both. */
export interface Writes {
  readonly tasks: readonly TaskWrite[];
  /** Stages that are pending again. */
  readonly removed: readonly string[];
  /** {@link NOTHING_RARE} itself when there is nothing of it. */
  readonly rare: RareWrites;
  /** When the change happened: time of its last event. */
  readonly at: number | undefined;
  readonly dueAt: number | undefined;
  /** The run gives its slot back: it ended, is queued anew, or the change says so. */
  readonly releases: boolean;
  /** The run holds a slot from now on, whether one is free or not. */
  readonly takes: boolean;
}

export const NOTHING_RARE: RareWrites = {
  ...{ opened: [], closed: [], withdrawn: [], checkpoints: [], checkpointsRemoved: [], deadLetters: [], redriven: [], redriveRecords: [] },
};
const NONE: readonly never[] = [];

/** Throws INTERNAL for a change whose events do not lead from the one number to the other. */
export function writesOf(change: Change): Writes {
  const { before, state } = change;
  checkEvents(change);
  const tasks = taskWrites(change);
  const removed = removedStages(change);
  const releases = FINAL_RUN_STATUSES.has(state.status) || isRequeued(change) || (before.slot && !state.slot);
  return {
    ...{ tasks, removed, releases },
    rare: rareWrites(change, removed),
    at: change.events.at(-1)?.at,
    dueAt: dueAt(state),
    takes: !releases && state.slot && !before.slot,
  };
}

/** The run waits for a slot once more. */
export function isRequeued({ before, state }: Change): boolean {
  return state.status === 'queued' && before.status !== 'queued';
}

function taskWrites({ before, state, touched }: Change): readonly TaskWrite[] {
  const writes: TaskWrite[] = [];
  for (const stage of touched) {
    const task = state.tasks.get(stage);
    if (task !== undefined) writes.push({ task, fresh: task.fence > (before.tasks.get(stage)?.fence ?? 0) });
  }
  return writes;
}

function removedStages({ before, state }: Change): readonly string[] {
  let removed: string[] | undefined;
  for (const stage of before.tasks.keys()) if (!state.tasks.has(stage)) (removed ??= []).push(stage);
  return removed ?? NONE;
}

function rareWrites(change: Change, removed: readonly string[]): RareWrites {
  const { before, opened, closed, checkpoints, deadLetters, redriven } = change;
  const isUsual =
    opened.length + closed.length + deadLetters.length + redriven.length + removed.length === 0 &&
    before.decisions.size + checkpoints.size === 0;
  return isUsual ? NOTHING_RARE : { ...decisionWrites(change), ...checkpointWrites(change, removed), ...letterWrites(change) };
}

function letterWrites({ before, deadLetters, redriven }: Change): Pick<RareWrites, 'deadLetters' | 'redriven' | 'redriveRecords'> {
  return { deadLetters, redriven: redriven.map(({ stage }) => stage), redriveRecords: redriveRecords(before, redriven) };
}

/** A decision that was opened and withdrawn by the same change leaves no row. */
function decisionWrites({ before, state, opened, closed }: Change): Pick<RareWrites, 'opened' | 'closed' | 'withdrawn'> {
  const ids = new Set(opened.map(({ id }) => id));
  const answers = new Map(closed.map((decision) => [decision.id, decision]));
  return {
    opened: opened.flatMap((decision): readonly OpenedWrite[] => {
      const answer = answers.get(decision.id);
      if (answer !== undefined) return [{ decision, closed: answer }];
      return state.decisions.has(decision.id) ? [{ decision }] : [];
    }),
    closed: closed.filter(({ id }) => !ids.has(id)),
    withdrawn: [...before.decisions.keys()].filter((id) => !state.decisions.has(id) && !answers.has(id)),
  };
}

function checkpointWrites(
  { before, state, checkpoints }: Change,
  removed: readonly string[],
): Pick<RareWrites, 'checkpoints' | 'checkpointsRemoved'> {
  const puts: { stage: string; fence: number; state: JsonValue }[] = [];
  const gone = new Set(removed);
  for (const stage of checkpoints) {
    const task = state.tasks.get(stage);
    if (task?.checkpoint === undefined) gone.add(stage);
    else puts.push({ stage, fence: task.fence, state: task.checkpoint });
  }
  const hadOne = (stage: string): boolean => before.tasks.get(stage)?.checkpoint !== undefined;
  return { checkpoints: puts, checkpointsRemoved: [...gone].filter(hadOne) };
}

function checkEvents({ before, state, events }: Change): void {
  let seq = before.seq;
  for (const event of events) if (event.seq === seq + 1) seq++;
  if (seq === state.seq && seq === before.seq + events.length) return;
  throw new InternalError(`The events of run ${state.id} do not lead from number ${String(before.seq)} to ${String(state.seq)}`, {
    details: { run: state.id, before: before.seq, after: state.seq, events: events.map(({ seq }) => seq) },
    disposition: 'terminal',
  });
}
