import type { Logger } from '@mainstay/observability';
import { ConflictError, MainstayError, OverloadError, toMainstayError } from '@mainstay/types';
import type { Clock } from '@mainstay/utils';
import type { Change, CompiledPipeline, TransitionContext } from '../pipeline/model.ts';
import { newRun } from '../pipeline/new-run.ts';
import type { Creation, NewRun, Store } from '../store/store.ts';
import type { Submission, Submitted } from './engine.ts';
import { BatchLoop } from './batch-loop.ts';
import { groupBy } from './group.ts';
import type { Marks } from './marks.ts';
import type { Pipelines } from './pipelines.ts';

export interface IntakeDeps {
  readonly store: Store;
  readonly pipelines: Pipelines;
  readonly marks: Marks;
  readonly context: () => TransitionContext;
  readonly onCreated: (changes: readonly Change[], batch: number) => void;
  readonly onUncertain: (batch: number) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Runs created in one transaction at most. */
  readonly maxBatch: number;
  /** Submissions that may wait; further ones are refused with OVERLOADED. */
  readonly maxWaiting: number;
}

interface Ticket {
  readonly submission: Submission;
  readonly resolve: (submitted: Submitted) => void;
  readonly reject: (error: MainstayError) => void;
}

interface Prepared {
  readonly ticket: Ticket;
  readonly run: NewRun;
}

/** Creates runs. Submissions that arrive while a transaction is under way share the next one. */
export class Intake {
  readonly #deps: IntakeDeps;
  readonly #loop: BatchLoop<Ticket>;
  #closed = false;

  constructor(deps: IntakeDeps) {
    this.#deps = deps;
    this.#loop = new BatchLoop({ clock: deps.clock, maxBatch: deps.maxBatch, work: (batch) => this.#createBatch(batch) });
  }

  start(): void {
    this.#loop.start();
  }

  get idle(): boolean {
    return this.#loop.idle;
  }

  submit(submission: Submission): Promise<Submitted> {
    if (this.#closed)
      return Promise.reject(new OverloadError('SHUTTING_DOWN', 'This replica is shutting down; retry', { retryAfterMs: 1_000 }));
    const { backlog } = this.#loop;
    if (backlog >= this.#deps.maxWaiting) {
      return Promise.reject(new OverloadError('OVERLOADED', `${backlog} submissions wait already; retry later`, { retryAfterMs: 1_000 }));
    }
    const { promise, resolve, reject } = Promise.withResolvers<Submitted>();
    this.#loop.add({ submission, resolve, reject });
    return promise;
  }

  /** Refuses further submissions; those that wait are still created. */
  close(): void {
    this.#closed = true;
  }

  async stop(): Promise<void> {
    this.close();
    for (const { reject } of await this.#loop.stop())
      reject(new OverloadError('SHUTTING_DOWN', 'This replica was stopped; retry', { retryAfterMs: 1_000 }));
  }

  async #createBatch(tickets: readonly Ticket[]): Promise<void> {
    const prepared = await this.#prepare(tickets);
    if (prepared.length > 0) await this.#create(prepared);
  }

  async #create(prepared: readonly Prepared[]): Promise<void> {
    const mark = this.#deps.marks.open();
    try {
      const creations = await this.#deps.store.create(
        prepared.map(({ run }) => run),
        mark,
      );
      this.#deps.onCreated(
        creations.flatMap((creation) => (creation.status === 'created' ? [creation.change] : [])),
        mark.batch,
      );
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
      this.#deps.logger.warn({ err: error, runs: prepared.length }, 'runs could not be created');
    }
    for (const { ticket } of prepared) ticket.reject(error);
  }

  async #prepare(tickets: readonly Ticket[]): Promise<Prepared[]> {
    const context = this.#deps.context();
    const prepared: Prepared[] = [];
    const byPipeline = groupBy(tickets, ({ submission: { tenant, pipeline, version } }) => `${tenant}\n${pipeline}\n${version ?? ''}`);
    for (const group of byPipeline.values()) {
      const [first] = group;
      if (first === undefined) continue;
      const { tenant, pipeline: name, version } = first.submission;
      try {
        const pipeline = await this.#deps.pipelines.get(tenant, name, version);
        prepared.push(...group.flatMap((ticket) => draftFor(ticket, pipeline, context)));
      } catch (error) {
        for (const { reject } of group) reject(toMainstayError(error));
      }
    }
    return prepared;
  }
}

function draftFor(ticket: Ticket, pipeline: CompiledPipeline, context: TransitionContext): Prepared[] {
  try {
    return [{ ticket, run: draft(pipeline, ticket.submission, context) }];
  } catch (error) {
    ticket.reject(toMainstayError(error));
    return [];
  }
}

function draft(pipeline: CompiledPipeline, submission: Submission, context: TransitionContext): NewRun {
  const { tenant, input, priority = 0, correlationId, traceparent, by, idempotency } = submission;
  const { concurrency } = pipeline.definition;
  return {
    ...newRun(pipeline, { id: context.newId(), tenant, input, priority, correlationId, traceparent, by }, context),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(idempotency === undefined ? {} : { idempotency }),
  };
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
