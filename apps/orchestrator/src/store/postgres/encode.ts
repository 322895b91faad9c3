import type { Change, RunState } from '../../pipeline/model.ts';
import type { DispatchMark, NewRun } from '../store.ts';
import { isRequeued, type Writes, writesOf } from '../writes.ts';
import { type RareRows, rareRows, type Row } from './encode-rare.ts';
import { finalTasks, liveColumns } from './encode-tasks.ts';
import { encodeJson, encodeText } from './json.ts';
import type { SentMarks } from './sent-marks.ts';
import { json, time } from './encode-cells.ts';

/** Rows of one change. `own` is the row of the run itself and of its change. */
export interface EncodedChange {
  readonly id: string;
  readonly own: Row;
  /** What most changes have none of; undefined when this one has none. */
  readonly rare: RareRows | undefined;
  /**
   * What it does to the run's slot, as far as the change tells: `keeps` it as it is, `ends` the run, which the change thinks
   * holds none, or `moves` it.
   */
  readonly slot: 'keeps' | 'ends' | 'moves';
  /** Roughly, of all JSON. */
  readonly bytes: number;
}

/** A change of a run that exists. */
export function encodeChange(change: Change, mark: DispatchMark, marks: SentMarks): EncodedChange {
  const writes = writesOf(change);
  const { releases, takes } = writes;
  const own = { ...stateColumns(change, writes, mark, marks), expected: change.before.seq, releases, requeued: isRequeued(change), takes };
  return { id: own.id, own, slot: slotMove(change, writes), ...rareAndBytes(change.state, writes, own) };
}

/** A run to insert, in the form chosen. `hash`: its idempotency key is still to be claimed. */
export function encodeNewRun(change: Change, run: NewRun, isClaimed: boolean, mark: DispatchMark, marks: SentMarks): EncodedChange {
  const writes = writesOf(change);
  const { state } = change;
  const own = {
    ...stateColumns(change, writes, mark, marks),
    ...{ tenant: state.tenant, pipeline: state.pipeline, version: state.version, priority: state.priority, slot: state.slot },
    input: encodeJson(state.input),
    correlation_id: encodeText(state.correlationId),
    traceparent: encodeText(state.traceparent),
    tracestate: state.tracestate === undefined ? null : encodeText(state.tracestate),
    concurrency: run.concurrency ?? null,
    created_at: time(state.createdAt),
    idempotency_key: run.idempotency === undefined ? null : encodeText(run.idempotency.key),
    hash: run.idempotency === undefined || isClaimed ? null : run.idempotency.hash,
  };
  return { id: own.id, own, slot: 'keeps', ...rareAndBytes(state, writes, own) };
}

/** A run that is queued may have been given a slot of which the change does not know. */
function slotMove(change: Change, { releases, takes }: Writes): EncodedChange['slot'] {
  const { before, state } = change;
  if (before.status === 'queued' || state.status === 'queued' || takes || (releases && before.slot)) return 'moves';
  return releases ? 'ends' : 'keeps';
}

function stateColumns(change: Change, writes: Writes, mark: DispatchMark, marks: SentMarks): Row & { readonly id: string } {
  const { state, events } = change;
  const { live, dispatcher, batch, epoch } = liveColumns(change, mark, marks);
  return {
    id: state.id,
    status: state.status,
    seq: state.seq,
    started_at: time(state.startedAt),
    finished_at: time(state.finishedAt),
    deadline_at: time(state.deadlineAt),
    due_at: time(writes.dueAt),
    dispatcher,
    batch,
    epoch,
    live,
    output: json(state.output),
    error: json(state.error),
    at: time(writes.at),
    events: events.length === 0 ? null : encodeJson(events),
    tasks: finalTasks(writes),
  };
}

function rareAndBytes(run: RunState, writes: Writes, own: Row): Pick<EncodedChange, 'rare' | 'bytes'> {
  const rare = rareRows(run, writes);
  let bytes = size(own);
  if (rare !== undefined) for (const rows of Object.values(rare) as (readonly Row[])[]) for (const row of rows) bytes += size(row);
  return { rare, bytes };
}

function size(row: Row): number {
  let sum = 64;
  for (const name in row) {
    const cell = row[name];
    if (typeof cell === 'string') sum += cell.length;
  }
  return sum;
}
