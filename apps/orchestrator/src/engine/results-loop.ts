import type { Logger } from '@mainstay/observability';
import type { BatchDelivery, Receipt, Transport } from '@mainstay/transport';
import { MainstayError, type WorkerMessage } from '@mainstay/types';
import type { Clock } from '@mainstay/utils';
import type { RunInput } from '../pipeline/model.ts';
import type { Applier } from './applier.ts';
import { Trouble } from './trouble.ts';

export interface ResultsLoopDeps {
  readonly transport: Transport;
  readonly applier: Applier;
  /** Partitions that belong to this orchestrator now. */
  readonly partitions: () => readonly number[];
  readonly ack: (receipts: readonly Receipt[]) => void;
  readonly onStale: (message: WorkerMessage) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Reads nothing while so many inputs wait. */
  readonly maxBacklog: number;
}

const BLOCK_MS = 1_000;
const PAUSE_MS = 50;
const MAX_BATCHES = 200;

/** Reads what workers send, has it applied, and acknowledges what is on disk. */
export class ResultsLoop {
  readonly #deps: ResultsLoopDeps;
  readonly #stop = new AbortController();
  #loop: Promise<void> | undefined;
  #open = 0;

  constructor(deps: ResultsLoopDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Batches that were read and are not on disk yet. */
  get open(): number {
    return this.#open;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  /** Applies batches from elsewhere (taken over from a dead orchestrator) like those that were read. */
  take(deliveries: readonly BatchDelivery[]): void {
    for (const delivery of deliveries) void this.#apply(delivery);
  }

  async #run(): Promise<void> {
    const { transport, applier, partitions, clock, maxBacklog, logger } = this.#deps;
    const { signal } = this.#stop;
    const trouble = new Trouble('reading results', logger, clock);
    while (!signal.aborted) {
      const owned = partitions();
      if (!transport.up || owned.length === 0 || applier.backlog >= maxBacklog) {
        await clock.sleep(PAUSE_MS, signal).catch(() => undefined);
        continue;
      }
      try {
        this.take(await transport.receiveResults({ partitions: owned, max: MAX_BATCHES, blockMs: BLOCK_MS, signal }));
        trouble.worked();
      } catch (error) {
        trouble.failed(error);
        await clock.sleep(PAUSE_MS, signal).catch(() => undefined);
      }
    }
  }

  async #apply({ messages, receipt }: BatchDelivery): Promise<void> {
    this.#open++;
    try {
      const settled = await Promise.all(messages.map((message) => this.#applyOne(message)));
      if (settled.every((done) => done)) this.#deps.ack([receipt]);
    } finally {
      this.#open--;
    }
  }

  /** True when the message needs no second look: its effect is on disk, or it has none. */
  async #applyOne(message: WorkerMessage): Promise<boolean> {
    try {
      const { verdict } = await this.#deps.applier.apply(message.run, toInput(message));
      if (!verdict.taken) this.#deps.onStale(message);
      return true;
    } catch (error) {
      const code = error instanceof MainstayError ? error.code : 'INTERNAL';
      if (code === 'SHUTTING_DOWN') return false;
      this.#deps.logger.warn(
        { err: error, run: message.run, task: message.task, fence: message.fence },
        'a message of a worker could not be applied and is dropped',
      );
      return true;
    }
  }
}

function toInput(message: WorkerMessage): RunInput {
  const { task, fence, worker, startedAt } = message;
  const common = { task, fence, worker, startedAt, ...(message.checkpoint === undefined ? {} : { checkpoint: message.checkpoint }) };
  if (message.type === 'result') return { type: 'outcome', ...common, finishedAt: message.finishedAt, outcome: message.outcome };
  return {
    type: 'report',
    ...common,
    ...(message.number === undefined ? {} : { number: message.number }),
    ...(message.progress === undefined ? {} : { progress: message.progress }),
    events: message.events,
  };
}
