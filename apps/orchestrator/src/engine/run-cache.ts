import { jsonLength } from '../expressions/values.ts';
import type { Change, RunState, TaskState } from '../pipeline/model.ts';
import type { JsonValue } from '@mainstay/types';

export interface RunCacheOptions {
  readonly maxRuns: number;
  /** What all states may take together, about, in bytes. */
  readonly maxBytes: number;
}

interface Entry {
  state: RunState;
  bytes: number;
  /** Asked for since it was last looked at for eviction. */
  used: boolean;
}

/** What a state and a task take without the values in them, about. */
const RUN_BYTES = 1_000;
const TASK_BYTES = 400;
/** A single value is measured up to this length. */
const MAX_LENGTH = 16 * 1024 * 1024;

/**
 * States of runs in flight, so that a batch need not read them again. It may be out of date: every write is conditional on
 * the run's `seq`, so that a stale entry costs a second try and never a wrong write. The oldest go first, except that those
 * that were asked for meanwhile get a second term.
 */
export class RunCache {
  readonly #runs = new Map<string, Entry>();
  readonly #options: RunCacheOptions;
  #bytes = 0;

  constructor(options: RunCacheOptions) {
    this.#options = options;
  }

  get(id: string): RunState | undefined {
    const entry = this.#runs.get(id);
    if (entry === undefined) return undefined;
    entry.used = true;
    return entry.state;
  }

  /** Whether a run that is known here has high priority; asking is no use of it. */
  isUrgent(id: string): boolean {
    return (this.#runs.get(id)?.state.priority ?? 0) > 0;
  }

  /** Keeps the state that a change leads to, or forgets the run if that is its end. */
  put({ before, state, touched }: Pick<Change, 'before' | 'state' | 'touched'>): void {
    const entry = this.#runs.get(state.id);
    if (state.finishedAt !== undefined) {
      if (entry !== undefined) this.#remove(state.id, entry);
      return;
    }
    if (entry?.state === before) {
      for (const stage of touched) this.#grow(entry, taskBytes(state.tasks.get(stage)) - taskBytes(before.tasks.get(stage)));
      entry.state = state;
    } else {
      if (entry !== undefined) this.#remove(state.id, entry);
      const added: Entry = { state, bytes: 0, used: false };
      this.#runs.set(state.id, added);
      this.#grow(added, stateBytes(state));
    }
    this.#evict();
  }

  delete(id: string): void {
    const entry = this.#runs.get(id);
    if (entry !== undefined) this.#remove(id, entry);
  }

  clear(): void {
    this.#runs.clear();
    this.#bytes = 0;
  }

  get size(): number {
    return this.#runs.size;
  }

  /** Estimate of what the states take. */
  get bytes(): number {
    return this.#bytes;
  }

  #grow(entry: Entry, bytes: number): void {
    entry.bytes += bytes;
    this.#bytes += bytes;
  }

  #remove(id: string, entry: Entry): void {
    this.#runs.delete(id);
    this.#bytes -= entry.bytes;
  }

  #evict(): void {
    const { maxRuns, maxBytes } = this.#options;
    if (this.#runs.size <= maxRuns && this.#bytes <= maxBytes) return;
    for (const [id, entry] of this.#runs) {
      if (this.#runs.size <= maxRuns && this.#bytes <= maxBytes) return;
      this.#runs.delete(id);
      if (entry.used) this.#runs.set(id, entry);
      else this.#bytes -= entry.bytes;
      entry.used = false;
    }
  }
}

function stateBytes(state: RunState): number {
  let bytes = RUN_BYTES + valueBytes(state.input);
  for (const task of state.tasks.values()) bytes += taskBytes(task);
  return bytes;
}

function taskBytes(task: TaskState | undefined): number {
  if (task === undefined) return 0;
  let bytes = TASK_BYTES + valueBytes(task.checkpoint) + valueBytes(task.inputOverride);
  for (const { answer } of task.answers) bytes += valueBytes(answer);
  if (task.status === 'succeeded') bytes += valueBytes(task.output);
  if (task.status === 'waiting') bytes += valueBytes(task.held);
  return bytes;
}

function valueBytes(value: JsonValue | undefined): number {
  return value === undefined ? 0 : Math.min(MAX_LENGTH, jsonLength(value, MAX_LENGTH));
}
