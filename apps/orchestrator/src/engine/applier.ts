import { MainstayError, NotFoundError, toMainstayError } from '@mainstay/types';
import type { Logger } from '@mainstay/observability';
import type { Clock } from '@mainstay/utils';
import type { Change, CompiledPipeline, RunInput, RunState, Transition, TransitionContext, Verdict } from '../pipeline/model.ts';
import type { Store } from '../store/store.ts';
import { BatchLoop } from './batch-loop.ts';
import { groupBy } from './group.ts';
import type { Marks } from './marks.ts';
import type { Pipelines } from './pipelines.ts';
import type { RunCache } from './run-cache.ts';
import { Trouble } from './trouble.ts';

/** How one input was applied; the state is on disk. */
export interface Applied {
  readonly verdict: Verdict;
  readonly state: RunState;
}

/** What an applier needs. `onChanges` gets what was just committed, in the batch of that number, and keeps the cache. */
export interface ApplierDeps {
  readonly store: Store;
  readonly pipelines: Pipelines;
  readonly cache: RunCache;
  readonly marks: Marks;
  readonly transition: Transition;
  readonly context: () => TransitionContext;
  readonly onChanges: (changes: readonly Change[], batch: number) => void;
  /** A commit failed and nobody knows whether it was done: what it dispatched may be unpublished. */
  readonly onUncertain: (batch: number) => void;
  readonly onBatch: (inputs: number, changes: number, commitMs: number) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Inputs that are decided in one transaction at most. */
  readonly maxBatch: number;
}

interface Letter {
  readonly run: string;
  readonly input: RunInput;
  /** Kept until the store answers (results of workers), or given up when it fails (calls of users). */
  readonly patient: boolean;
  tries: number;
  readonly resolve: (applied: Applied) => void;
  readonly reject: (error: MainstayError) => void;
}

/** A letter that meets so many conflicts in a row is refused: somebody writes to its run without end. */
const MAX_TRIES = 20;
const RETRY_MS = 200;

/** Applies inputs to runs in batches: what waits is decided by the pure transition and written in one transaction. */
export class Applier {
  readonly #deps: ApplierDeps;
  readonly #loop: BatchLoop<Letter>;
  readonly #trouble: Trouble;

  constructor(deps: ApplierDeps) {
    this.#deps = deps;
    this.#trouble = new Trouble('writing to the store', deps.logger, deps.clock);
    this.#loop = new BatchLoop({ clock: deps.clock, maxBatch: deps.maxBatch, work: (batch) => this.#applyBatch(batch) });
  }

  start(): void {
    this.#loop.start();
  }

  /** Letters that wait. */
  get backlog(): number {
    return this.#loop.backlog;
  }

  get idle(): boolean {
    return this.#loop.idle;
  }

  /**
   * Resolves when the input is decided and what follows from it is on disk. A `patient` input waits out a store that is
   * down; another one rejects with POSTGRES_UNAVAILABLE. Rejects with RUN_NOT_FOUND for an unknown run.
   */
  apply(run: string, input: RunInput, patient = true): Promise<Applied> {
    if (this.#loop.signal.aborted)
      return Promise.reject(new MainstayError('SHUTTING_DOWN', 'The engine is stopped; retry with another replica'));
    const { promise, resolve, reject } = Promise.withResolvers<Applied>();
    this.#loop.add({ run, input, patient, tries: 0, resolve, reject });
    return promise;
  }

  /** Ends the loop; what waits is rejected (its messages are not acknowledged and come again). */
  async stop(): Promise<void> {
    for (const letter of await this.#loop.stop()) letter.reject(new MainstayError('SHUTTING_DOWN', 'The engine was stopped'));
  }

  async #applyBatch(letters: readonly Letter[]): Promise<void> {
    const byRun = groupBy(letters, ({ run }) => run);
    try {
      const { states, cached } = await this.#states(byRun);
      await this.#commit(byRun, await this.#decide(byRun, states), cached);
      this.#trouble.worked();
    } catch (error) {
      await this.#failed(letters, toMainstayError(error));
    }
  }

  async #states(byRun: ReadonlyMap<string, readonly Letter[]>): Promise<{ states: Map<string, RunState>; cached: Set<string> }> {
    const states = new Map<string, RunState>();
    const missing: string[] = [];
    for (const id of byRun.keys()) {
      const state = this.#deps.cache.get(id);
      if (state === undefined) missing.push(id);
      else states.set(id, state);
    }
    const cached = new Set(states.keys());
    if (missing.length > 0) {
      for (const [id, state] of await this.#deps.store.load(missing)) states.set(id, state);
    }
    return { states, cached };
  }

  async #decide(byRun: ReadonlyMap<string, readonly Letter[]>, states: ReadonlyMap<string, RunState>): Promise<Map<string, Change>> {
    const context = this.#deps.context();
    const changes = new Map<string, Change>();
    for (const [id, letters] of byRun) {
      const state = states.get(id);
      if (state === undefined) {
        for (const { reject } of letters) reject(new NotFoundError('RUN_NOT_FOUND', `There is no run ${id}`, { details: { run: id } }));
        continue;
      }
      const pipeline = await this.#deps.pipelines.get(state.tenant, state.pipeline, state.version);
      const change = this.#transition(pipeline, state, letters, context);
      if (change !== undefined) changes.set(id, change);
    }
    return changes;
  }

  /** A bug in the transition must not stop the other runs: its letters are refused and the run is reported. */
  #transition(pipeline: CompiledPipeline, state: RunState, letters: readonly Letter[], context: TransitionContext): Change | undefined {
    try {
      return this.#deps.transition(
        pipeline,
        state,
        letters.map(({ input }) => input),
        context,
      );
    } catch (error) {
      this.#deps.logger.error(
        { err: error, run: state.id, inputs: letters.map(({ input }) => input.type) },
        'a transition failed; its inputs are dropped',
      );
      for (const { reject } of letters) reject(toMainstayError(error));
      return undefined;
    }
  }

  /**
   * A decision that writes nothing was not compared with the store. If it rests on a cached state, it is made once more on
   * what the store has: otherwise a result that a newer state waits for would be dropped as stale.
   */
  async #commit(
    byRun: ReadonlyMap<string, readonly Letter[]>,
    decided: ReadonlyMap<string, Change>,
    cached: ReadonlySet<string>,
  ): Promise<void> {
    const changes = [...decided.values()].filter(({ before, state }) => before !== state);
    const written = changes.length > 0 ? await this.#write(changes) : new Set<string>();
    for (const [id, change] of decided) {
      const certain = change.before === change.state ? !cached.has(id) : written.has(id);
      const letters = byRun.get(id) ?? [];
      if (certain) settle(letters, change);
      else this.#again(letters);
    }
  }

  async #write(changes: readonly Change[]): Promise<ReadonlySet<string>> {
    const { store, marks, cache, clock } = this.#deps;
    const mark = marks.open();
    const begun = clock.monotonic();
    let written: ReadonlySet<string>;
    try {
      written = await store.commit(changes, mark);
    } catch (error) {
      for (const { state } of changes) cache.delete(state.id);
      this.#deps.onUncertain(mark.batch);
      throw error;
    }
    this.#deps.onBatch(
      changes.reduce((sum, { verdicts }) => sum + verdicts.length, 0),
      changes.length,
      clock.monotonic() - begun,
    );
    const done: Change[] = [];
    for (const change of changes) {
      if (written.has(change.state.id)) done.push(change);
      else cache.delete(change.state.id);
    }
    this.#deps.onChanges(done, mark.batch);
    return written;
  }

  /** Somebody else changed the run: decide anew on what it has become. */
  #again(letters: readonly Letter[]): void {
    for (const letter of letters) {
      letter.tries++;
      this.#deps.cache.delete(letter.run);
      if (letter.tries < MAX_TRIES) this.#loop.add(letter);
      else
        letter.reject(
          new MainstayError('CONFLICT', `The run ${letter.run} could not be written in ${MAX_TRIES} tries`, {
            details: { run: letter.run },
          }),
        );
    }
  }

  async #failed(letters: readonly Letter[], error: MainstayError): Promise<void> {
    const unavailable = error.category === 'dependency' || error.category === 'timeout';
    const patient = unavailable ? letters.filter((letter) => letter.patient) : [];
    for (const letter of letters) if (!patient.includes(letter)) letter.reject(error);
    if (!unavailable) {
      this.#deps.logger.error({ err: error, inputs: letters.length }, 'a batch failed; its inputs are refused');
      return;
    }
    this.#trouble.failed(error);
    this.#loop.putBack(patient);
    await this.#deps.clock.sleep(RETRY_MS, this.#loop.signal).catch(() => undefined);
  }
}

function settle(letters: readonly Letter[], change: Change): void {
  letters.forEach((letter, index) => {
    const verdict = change.verdicts[index];
    if (verdict === undefined) letter.reject(new MainstayError('INTERNAL', 'The transition gave no verdict on an input'));
    else letter.resolve({ verdict, state: change.state });
  });
}
