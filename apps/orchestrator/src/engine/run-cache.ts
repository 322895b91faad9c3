import type { RunState } from '../pipeline/model.ts';

/**
 * States of runs in flight, so that a batch need not read them again. It may be out of date: every write is conditional on
 * the run's `seq`, so that a stale entry costs a second try and never a wrong write. Least recently used ones go first.
 */
export class RunCache {
  readonly #runs = new Map<string, RunState>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  get(id: string): RunState | undefined {
    const state = this.#runs.get(id);
    if (state !== undefined) {
      this.#runs.delete(id);
      this.#runs.set(id, state);
    }
    return state;
  }

  set(state: RunState): void {
    this.#runs.delete(state.id);
    if (state.finishedAt !== undefined) return;
    this.#runs.set(state.id, state);
    if (this.#runs.size <= this.#max) return;
    const oldest = this.#runs.keys().next();
    if (oldest.done !== true) this.#runs.delete(oldest.value);
  }

  delete(id: string): void {
    this.#runs.delete(id);
  }

  clear(): void {
    this.#runs.clear();
  }

  get size(): number {
    return this.#runs.size;
  }
}
