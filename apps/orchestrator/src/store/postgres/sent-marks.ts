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
 * whole at each change. Known of every task that this store has read or written, for as long as somebody holds the object.
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
