import { MainstayError, NotFoundError, toMainstayError } from '@mainstay/types';
import type { Logger } from '@mainstay/observability';
import type { Clock } from '@mainstay/utils';
import type { Change, CompiledPipeline, RunInput, RunState, Transition, TransitionContext, Verdict } from '../pipeline/model.ts';
import type { Store } from '../store/store.ts';
import { BatchLoop } from './batch-loop.ts';
import { type Case, casesOf, complete, isIncomplete } from './cases.ts';
import { type Bundle, type Letter, Letterbox, type Reply } from './letters.ts';
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
  readonly onBatch: (inputs: number, commitMs: number) => void;
  /** A batch is done, whatever became of it: fewer letters wait. */
  readonly onRoom?: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Inputs that are decided in one transaction at most; asked for each. */
  readonly maxBatch: () => number;
  /** What they may carry together, in characters. */
  readonly maxBatchSize: number;
  /** Transactions under way at once, at most; see {@link BatchLoop}. */
  readonly parallel: number;
  readonly minParallel: number;
}

interface Decided {
  readonly bundle: Bundle;
  readonly change: Change;
  readonly cached: boolean;
}

/** A letter that meets so many conflicts in a row is refused: somebody writes to its run without end. */
const MAX_TRIES = 20;
const RETRY_MS = 200;

/** Applies inputs to runs in batches: what waits is decided by the pure transition and written in one transaction. */
export class Applier {
  readonly #deps: ApplierDeps;
  readonly #box: Letterbox;
  readonly #loop: BatchLoop<readonly Bundle[]>;
  readonly #trouble: Trouble;

  constructor(deps: ApplierDeps) {
    const { maxBatch, maxBatchSize, parallel, minParallel } = deps;
    this.#deps = deps;
    this.#trouble = new Trouble('writing to the store', deps.logger, deps.clock);
    this.#box = new Letterbox(maxBatchSize, (run) => deps.cache.isUrgent(run));
    this.#loop = new BatchLoop({ source: this.#box, maxBatch, parallel, minParallel, work: (batch) => this.#applyBatch(batch) });
  }

  start(): void {
    this.#loop.start();
  }

  /** Letters that wait. */
  get backlog(): number {
    return this.#box.backlog;
  }

  get idle(): boolean {
    return this.#loop.idle;
  }

  /**
   * Resolves when the input is decided and what follows from it is on disk. A `patient` input waits out a store that is
   * down; another one rejects with POSTGRES_UNAVAILABLE. Rejects with RUN_NOT_FOUND for an unknown run.
   */
  apply(run: string, input: RunInput, patient = true): Promise<Applied> {
    const { promise, resolve, reject } = Promise.withResolvers<Applied>();
    const reply: Reply = {
      applied: (_letter, verdict, state) => {
        resolve({ verdict, state });
      },
      refused: (_letter, error) => {
        reject(error);
      },
    };
    this.post({ run, input, patient, size: 0, reply, tries: 0 });
    return promise;
  }

  /** The same without a promise: the letter's reply is told. */
  post(letter: Letter): void {
    if (this.#loop.signal.aborted) {
      letter.reply.refused(letter, new MainstayError('SHUTTING_DOWN', 'The engine is stopped; retry with another replica'));
      return;
    }
    this.#box.add(letter);
    this.#loop.wake();
  }

  /** Ends the loop; what waits is rejected (its messages are not acknowledged and come again). */
  async stop(): Promise<void> {
    await this.#loop.stop();
    const stopped = new MainstayError('SHUTTING_DOWN', 'The engine was stopped');
    for (const letter of this.#box.clear()) letter.reply.refused(letter, stopped);
  }

  /** Without a wait before the commit where all runs are in the cache. */
  async #applyBatch(bundles: readonly Bundle[]): Promise<void> {
    let open: readonly { readonly bundle: Bundle }[] = bundles.map((bundle) => ({ bundle }));
    let again: readonly Letter[];
    try {
      const cases = casesOf(bundles, this.#deps);
      if (cases.some(isIncomplete)) await complete(cases, this.#deps);
      const decided = this.#decide(cases);
      open = decided;
      again = await this.#commit(decided);
      this.#trouble.worked();
    } catch (error) {
      again = await this.#failed(
        open.flatMap(({ bundle }) => bundle.letters),
        toMainstayError(error),
      );
    }
    this.#box.release(bundles, again);
    this.#deps.onRoom?.();
  }

  #decide(cases: readonly Case[]): Decided[] {
    const context = this.#deps.context();
    const decided: Decided[] = [];
    for (const { bundle, state, pipeline, cached } of cases) {
      if (state === undefined || pipeline === undefined) {
        const { run, letters } = bundle;
        refuse(letters, new NotFoundError('RUN_NOT_FOUND', `There is no run ${run}`, { details: { run } }));
        continue;
      }
      const change = this.#transition(pipeline, state, bundle.letters, context);
      if (change !== undefined) decided.push({ bundle, change, cached });
    }
    return decided;
  }

  /** A bug in the transition must not stop the other runs: its letters are refused and the run is reported. */
  #transition(pipeline: CompiledPipeline, state: RunState, letters: readonly Letter[], context: TransitionContext): Change | undefined {
    const inputs = letters.map(({ input }) => input);
    try {
      return this.#deps.transition(pipeline, state, inputs, context);
    } catch (error) {
      this.#deps.logger.error(
        { err: error, run: state.id, inputs: inputs.map(({ type }) => type) },
        'a transition failed; its inputs are dropped',
      );
      refuse(letters, toMainstayError(error));
      return undefined;
    }
  }

  /**
   * Writes and answers; returns the letters that must be decided anew. A decision that writes nothing was not compared with
   * the store. If it rests on a cached state, it is made once more on what the store has: otherwise a result that a newer
   * state waits for would be dropped as stale.
   */
  async #commit(decided: readonly Decided[]): Promise<readonly Letter[]> {
    const changes: Change[] = [];
    for (const { change } of decided) if (change.before !== change.state) changes.push(change);
    const written = changes.length > 0 ? await this.#write(changes) : undefined;
    const again: Letter[] = [];
    for (const { bundle, change, cached } of decided) {
      const certain = change.before === change.state ? !cached : written?.has(bundle.run) === true;
      if (certain) settle(bundle.letters, change);
      else this.#again(bundle, again);
    }
    return again;
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
    let inputs = 0;
    for (const { verdicts } of changes) inputs += verdicts.length;
    this.#deps.onBatch(inputs, clock.monotonic() - begun);
    this.#deps.onChanges(written.size === changes.length ? changes : changes.filter(({ state }) => written.has(state.id)), mark.batch);
    return written;
  }

  /** Somebody else changed the run: decide anew on what it has become. */
  #again({ run, letters }: Bundle, again: Letter[]): void {
    this.#deps.cache.delete(run);
    for (const letter of letters) {
      letter.tries++;
      if (letter.tries < MAX_TRIES) again.push(letter);
      else {
        const problem = `The run ${run} could not be written in ${MAX_TRIES} tries`;
        letter.reply.refused(letter, new MainstayError('CONFLICT', problem, { details: { run } }));
      }
    }
  }

  /** Returns the letters that go on waiting. */
  async #failed(letters: readonly Letter[], error: MainstayError): Promise<readonly Letter[]> {
    if (error.category !== 'dependency' && error.category !== 'timeout') {
      this.#deps.logger.error({ err: error, inputs: letters.length }, 'a batch failed; its inputs are refused');
      refuse(letters, error);
      return [];
    }
    refuse(
      letters.filter(({ patient }) => !patient),
      error,
    );
    this.#trouble.failed(error);
    await this.#deps.clock.sleep(RETRY_MS, this.#loop.signal).catch(() => undefined);
    return letters.filter(({ patient }) => patient);
  }
}

function refuse(letters: readonly Letter[], error: MainstayError): void {
  for (const letter of letters) letter.reply.refused(letter, error);
}

function settle(letters: readonly Letter[], change: Change): void {
  for (let i = 0; i < letters.length; i++) {
    const [letter, verdict] = [letters[i], change.verdicts[i]];
    if (letter === undefined) continue;
    if (verdict === undefined) letter.reply.refused(letter, new MainstayError('INTERNAL', 'The transition gave no verdict on an input'));
    else letter.reply.applied(letter, verdict, change.state);
  }
}
