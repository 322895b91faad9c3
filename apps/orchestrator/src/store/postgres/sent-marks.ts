import type { TaskState } from '../../pipeline/model.ts';
import type { DispatchMark } from '../store.ts';

/** Who dispatched an attempt, in which of its batches, under which epoch of the transport. */
export type Sent = Pick<DispatchMark, 'orchestrator' | 'batch' | 'epoch'>;

/**
 * Of an attempt whose dispatch is not known. It belongs to no epoch, so that it is dispatched anew unless a worker has it: that costs
 * work and never loses any.
 */
export const UNKNOWN: Sent = { orchestrator: '', batch: 0, epoch: '' };

/**
 * By whom the outstanding tasks of states in memory were dispatched. A state does not say it, and its document must: it is written
 * whole at each change. The mark belongs to the object of the task, not to the run: it is noted of every outstanding task that is read
 * from Postgres or encoded to be written, and lasts for as long as somebody holds that object.
 *
 * A change passes it on. A task that is the same object as in `before` keeps its mark, whichever way the states around it were
 * made; one that was replaced under the same fence takes the mark of its predecessor in `before`; one with a greater fence is dispatched
 * by the very batch that writes it. It holds for every path to `commit` whose `before` has the task objects of a `load`, a `run`, a `create` or
 * a `commit` of this store. A mark noted of a change that was not written does no harm: when the change is tried again, the
 * greater fence decides anew.
 *
 * Lost it is only by a copy of the task itself (`structuredClone`, or JSON there and back) in `before`: then the task is of {@link UNKNOWN}.
 */
export class SentMarks {
  readonly #marks = new WeakMap<TaskState, Sent>();

  of(task: TaskState | undefined): Sent | undefined {
    return task === undefined ? undefined : this.#marks.get(task);
  }

  note(task: TaskState, sent: Sent): void {
    this.#marks.set(task, sent);
  }
}

/** A worker has the task, or is about to. */
export function isOutstanding({ status }: TaskState): boolean {
  return status === 'dispatched' || status === 'running';
}

/** Nothing happens to the task any more, unless somebody retries it. */
export function isFinal({ status }: TaskState): boolean {
  return status === 'succeeded' || status === 'skipped' || status === 'cancelled' || status === 'dead';
}
