import type { Logger } from '@mainstay/observability';
import { ConflictError, MainstayError, OverloadError, toMainstayError } from '@mainstay/types';
import type { Clock } from '@mainstay/utils';
import { type Change, type CompiledPipeline, priorityClass, type TransitionContext } from '../pipeline/model.ts';
import { newRun } from '../pipeline/new-run.ts';
import type { Creation, NewRun, Store } from '../store/store.ts';
import type { Submission, Submitted } from './engine.ts';
import { BatchLoop } from './batch-loop.ts';
import { jsonLength } from '../expressions/values.ts';
import { IntakeQueue } from './intake-queue.ts';
import type { Marks } from './marks.ts';
import type { Pipelines } from './pipelines.ts';
import type { StoreReach } from './store-reach.ts';
import { RetryAdvice } from './retry-advice.ts';
import { Trouble } from './trouble.ts';

export interface IntakeDeps {
  readonly store: Store;
  readonly pipelines: Pipelines;
  readonly marks: Marks;
  readonly context: () => TransitionContext;
  readonly newRunId: () => string;
  readonly onCreated: (changes: readonly Change[], batch: number) => void;
  readonly onUncertain: (batch: number) => void;
  readonly reach: Pick<StoreReach, 'refusal'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** Runs created in one transaction at most; asked for each. */
  readonly maxBatch: () => number;
  /** Submissions that may wait; further ones are refused with OVERLOADED. */
  readonly maxWaiting: number;
  /** What the submissions that wait may carry together, about, in characters. */
  readonly maxWaitingSize: number;
  /** Committed tasks that the transport has not taken. */
  readonly unsent: () => number;
  /** With so many of them nothing more is begun. */
  readonly maxUnsent: number;
  /** Inputs of runs that wait to be applied. */
  readonly unapplied: () => number;
  /** With so many of them nothing more is begun: what was begun comes first. */
  readonly maxUnapplied: number;
  /** With so many of them nothing more is begun that is not urgent: it waits, or is refused. {@link Intake.wake} tells of fewer. */
  readonly unappliedRoom: () => number;
}

const CLOSED = { retryAfterMs: 1_000 };
/** Of every limit of what may wait, for urgent submissions. */
const URGENT_ROOM = 1.25;
/** An input is measured up to this length. */
const MAX_LENGTH = 16 * 1024 * 1024;

interface Ticket {
  readonly submission: Submission;
  readonly size: number;
  readonly resolve: (submitted: Submitted) => void;
  readonly reject: (error: MainstayError) => void;
}

interface Prepared {
  readonly ticket: Ticket;
  readonly run: NewRun;
}

/** Transactions at once: a second one begins only for those that are urgent. */
const PARALLEL = { parallel: 2, minParallel: Infinity };

/** Creates runs. Submissions that arrive while a transaction is under way share the next one; urgent ones do not wait for others'. */
export class Intake {
  readonly #deps: IntakeDeps;
  readonly #queue: IntakeQueue<Ticket>;
  readonly #loop: BatchLoop<readonly Ticket[]>;
  /** Tickets that are being created. */
  readonly #underWay = new Set<readonly Ticket[]>();
  /** What the submissions that have no answer carry. */
  #size = 0;
  #closed = false;
  readonly #advice: RetryAdvice;
  readonly #trouble: Trouble;

  constructor(deps: IntakeDeps) {
    this.#deps = deps;
    this.#queue = new IntakeQueue(() => deps.unappliedRoom() - deps.unapplied());
    this.#advice = new RetryAdvice(deps.clock, deps.random);
    this.#trouble = new Trouble('creating runs', deps.logger, deps.clock);
    this.#loop = new BatchLoop({ source: this.#queue, maxBatch: deps.maxBatch, ...PARALLEL, work: (batch) => this.#createBatch(batch) });
  }

  start(): void {
    this.#loop.start();
  }

  /** To be called when fewer inputs wait to be applied. */
  wake(): void {
    this.#loop.wake();
  }

  get idle(): boolean {
    return this.#loop.idle;
  }

  submit(submission: Submission): Promise<Submitted> {
    const urgent = priorityClass(submission.priority ?? 0) === 'high';
    const refusal = this.refusal(urgent);
    if (refusal !== undefined) return Promise.reject(refusal);
    this.#advice.accepted();
    const { promise, resolve, reject } = Promise.withResolvers<Submitted>();
    const size = Math.min(MAX_LENGTH, jsonLength(submission.input, MAX_LENGTH));
    this.#size += size;
    this.#queue.add({ submission, size, resolve, reject }, urgent);
    this.#loop.wake();
    return promise;
  }

  /** Why a submission would be refused now. Urgent ones, of high priority, have room of their own where others have none. */
  refusal(urgent = false): MainstayError | undefined {
    const room = urgent ? URGENT_ROOM : 1;
    const { maxWaiting, maxWaitingSize, unsent, maxUnsent, unapplied, maxUnapplied, unappliedRoom } = this.#deps;
    if (this.#closed) return new OverloadError('SHUTTING_DOWN', 'This replica is shutting down; retry', CLOSED);
    const mute = this.#deps.reach.refusal();
    if (mute !== undefined) return mute;
    const waiting = this.#queue.size;
    if (waiting >= room * maxWaiting || this.#size > room * maxWaitingSize) return this.overload(`${waiting} submissions wait already`);
    const tasks = unsent();
    if (tasks >= room * maxUnsent) return this.overload(`${tasks} tasks wait for Redis already`);
    const results = unapplied();
    const most = urgent ? room * maxUnapplied : Math.min(maxUnapplied, unappliedRoom());
    return results < most ? undefined : this.overload(`${results} results of tasks wait to be written already`);
  }

  /** The error for a submission that is refused for this reason; it says when to come back. */
  overload(why: string): OverloadError {
    return new OverloadError('OVERLOADED', `${why}; retry later`, { retryAfterMs: this.#advice.refused() });
  }

  /**
   * Answers everything that waits with this error. What is being created may be on disk all the same, as after any commit without an
   * answer: whoever repeats it under its idempotency key gets that run.
   */
  giveUp(error: MainstayError): void {
    for (const tickets of this.#underWay) for (const { reject } of tickets) reject(error);
    for (const { size, reject } of this.#queue.clear()) {
      this.#size -= size;
      reject(error);
    }
  }

  /** Refuses further submissions; those that wait are still created. */
  close(): void {
    this.#closed = true;
  }

  async stop(): Promise<void> {
    this.close();
    await this.#loop.stop();
    for (const { reject } of this.#queue.clear()) reject(new OverloadError('SHUTTING_DOWN', 'This replica was stopped; retry', CLOSED));
  }

  async #createBatch(tickets: readonly Ticket[]): Promise<void> {
    this.#underWay.add(tickets);
    const prepared = await this.#prepare(tickets);
    if (prepared.length > 0) await this.#create(prepared);
    this.#underWay.delete(tickets);
    for (const { size } of tickets) this.#size -= size;
  }

  async #create(prepared: readonly Prepared[]): Promise<void> {
    const mark = this.#deps.marks.open();
    try {
      const creations = await this.#deps.store.create(
        prepared.map(({ run }) => run),
        mark,
      );
      this.#trouble.worked();
      const changes: Change[] = [];
      for (const creation of creations) if (creation.status === 'created') changes.push(creation.change);
      this.#deps.onCreated(changes, mark.batch);
      prepared.forEach(({ ticket }, index) => {
        answer(ticket, creations[index]);
      });
    } catch (error) {
      await this.#failed(prepared, mark.batch, toMainstayError(error));
    }
  }

  /** Data that cannot be stored must not sink the submissions beside it: each is tried alone. */
  async #failed(prepared: readonly Prepared[], batch: number, error: MainstayError): Promise<void> {
    if (error.category === 'validation') {
      this.#deps.marks.close(batch);
      if (prepared.length > 1) {
        for (const one of prepared) await this.#create([one]);
        return;
      }
    } else {
      this.#deps.onUncertain(batch);
      this.#trouble.failed(error);
    }
    for (const { ticket } of prepared) ticket.reject(error);
  }

  /** One look-up per pipeline, and none where its version is known; a submission without a version gets the newest of this moment. */
  async #prepare(tickets: readonly Ticket[]): Promise<Prepared[]> {
    const { pipelines } = this.#deps;
    const newest = new Map<string, Promise<CompiledPipeline>>();
    const prepared: Prepared[] = [];
    const context = this.#deps.context();
    for (const ticket of tickets) {
      const { tenant, pipeline: name, version } = ticket.submission;
      try {
        const known = version === undefined ? undefined : pipelines.known(tenant, name, version);
        const run = draft(
          known ?? (await once(newest, keyOf(ticket), () => pipelines.get(tenant, name, version))),
          ticket.submission,
          this.#deps.newRunId(),
          context,
        );
        prepared.push({ ticket, run });
      } catch (error) {
        ticket.reject(toMainstayError(error));
      }
    }
    return prepared;
  }
}

function keyOf({ submission: { tenant, pipeline, version } }: Ticket): string {
  return `${tenant}\n${pipeline}\n${version ?? ''}`;
}

function once<T>(made: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  let value = made.get(key);
  if (value === undefined) made.set(key, (value = make()));
  return value;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function draft(pipeline: CompiledPipeline, submission: Submission, id: string, context: TransitionContext): NewRun {
  const { tenant, input, priority = 0, correlationId, traceparent, tracestate, by, idempotency, deadlineMs } = submission;
  const { concurrency } = pipeline.definition;
  const deadline = deadlineMs === undefined ? undefined : { deadlineAt: context.now + deadlineMs };
  const params = { id, tenant, input, priority, correlationId, traceparent, tracestate, by, ...deadline };
  const run: Writable<NewRun> = newRun(pipeline, params, context);
  if (concurrency !== undefined) run.concurrency = concurrency;
  if (idempotency !== undefined) run.idempotency = idempotency;
  return run;
}

function answer(ticket: Ticket, creation: Creation | undefined): void {
  switch (creation?.status) {
    case 'created':
      ticket.resolve({ id: creation.change.state.id, status: creation.change.state.status, repeated: false });
      return;
    case 'repeated':
      ticket.resolve({ id: creation.run, status: creation.runStatus, repeated: true });
      return;
    case 'key-reused':
      ticket.reject(
        new ConflictError('IDEMPOTENCY_KEY_REUSED', 'This idempotency key was used with another request; use a new one', {
          details: { run: creation.run },
        }),
      );
      return;
    case undefined:
      ticket.reject(new MainstayError('INTERNAL', 'The store gave no answer about a run'));
  }
}
