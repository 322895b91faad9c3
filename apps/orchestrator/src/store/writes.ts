import { InternalError, type JsonValue } from '@mainstay/types';
import {
  type Change,
  type ClosedDecision,
  type DecisionState,
  dueAt,
  FINAL_RUN_STATUSES,
  type NewDeadLetter,
  type RunState,
  type TaskState,
} from '../pipeline/model.ts';

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

/** What a change writes, row by row. Both stores write exactly this, so that a change which forgets a row is wrong in both. */
export interface Writes {
  readonly tasks: readonly TaskWrite[];
  /** Stages that are pending again. */
  readonly removed: readonly string[];
  readonly opened: readonly OpenedWrite[];
  readonly closed: readonly ClosedDecision[];
  /** Decisions that nobody can answer any more, because their run or task ended. */
  readonly withdrawn: readonly string[];
  readonly checkpoints: readonly { readonly stage: string; readonly fence: number; readonly state: JsonValue }[];
  readonly checkpointsRemoved: readonly string[];
  readonly deadLetters: readonly NewDeadLetter[];
  readonly redriven: readonly string[];
  /** When the change happened: time of its last event. */
  readonly at: number | undefined;
  readonly dueAt: number | undefined;
  /** The run gives its slot back: it ended, is queued anew, or the change says so. */
  readonly releases: boolean;
  /** The run holds a slot from now on, whether one is free or not. */
  readonly takes: boolean;
}

/** Throws INTERNAL for a change whose events do not lead from the one number to the other. */
export function writesOf(change: Change): Writes {
  const { before, state } = change;
  checkEvents(change);
  const opened = new Set(change.opened.map(({ id }) => id));
  const closed = new Map(change.closed.map((decision) => [decision.id, decision]));
  const removed = new Set([...before.tasks.keys(), ...change.touched].filter((stage) => !state.tasks.has(stage)));
  const releases =
    FINAL_RUN_STATUSES.has(state.status) || (state.status === 'queued' && before.status !== 'queued') || (before.slot && !state.slot);
  return {
    tasks: taskWrites(change),
    removed: [...removed],
    opened: change.opened.flatMap((decision) => openedWrite(state, decision, closed.get(decision.id))),
    closed: change.closed.filter(({ id }) => !opened.has(id)),
    withdrawn: [...before.decisions.keys()].filter((id) => !state.decisions.has(id) && !closed.has(id)),
    ...checkpointWrites(change, removed),
    deadLetters: change.deadLetters,
    redriven: change.redriven,
    at: change.events.at(-1)?.at,
    dueAt: dueAt(state),
    releases,
    takes: !releases && state.slot && !before.slot,
  };
}

function taskWrites({ before, state, touched }: Change): TaskWrite[] {
  const writes: TaskWrite[] = [];
  for (const stage of touched) {
    const task = state.tasks.get(stage);
    if (task !== undefined) writes.push({ task, fresh: task.fence > (before.tasks.get(stage)?.fence ?? 0) });
  }
  return writes;
}

/** A decision that was opened and withdrawn by the same change leaves no row. */
function openedWrite(state: RunState, decision: DecisionState, closed: ClosedDecision | undefined): readonly OpenedWrite[] {
  if (closed !== undefined) return [{ decision, closed }];
  return state.decisions.has(decision.id) ? [{ decision }] : [];
}

function checkpointWrites(
  { before, state, checkpoints }: Change,
  removed: ReadonlySet<string>,
): Pick<Writes, 'checkpoints' | 'checkpointsRemoved'> {
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
  if (state.seq === before.seq + events.length && events.every((event, index) => event.seq === before.seq + index + 1)) return;
  throw new InternalError(`The events of run ${state.id} do not lead from number ${String(before.seq)} to ${String(state.seq)}`, {
    details: { run: state.id, before: before.seq, after: state.seq, events: events.map(({ seq }) => seq) },
    disposition: 'terminal',
  });
}
