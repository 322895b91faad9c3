import type { Logger } from '@mainstay/observability';
import type { BatchDelivery, Receipt, Transport } from '@mainstay/transport';
import type { MainstayError, WorkerMessage } from '@mainstay/types';
import type { Clock } from '@mainstay/utils';
import { jsonLength } from '../expressions/values.ts';
import type { RunInput, Verdict } from '../pipeline/model.ts';
import type { Applier } from './applier.ts';
import type { Letter, Reply } from './letters.ts';
import { Trouble } from './trouble.ts';

export interface ResultsLoopDeps {
  readonly transport: Transport;
  readonly applier: Applier;
  /** Partitions that belong to this orchestrator now. */
  readonly partitions: () => readonly number[];
  readonly ack: (receipt: Receipt) => void;
  readonly onStale: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Reads nothing while so many inputs wait. */
  readonly maxBacklog: number;
  /** What the results that were read and are not on disk may carry together, about, in characters. */
  readonly maxOpenSize: number;
}

const BLOCK_MS = 1_000;
const PAUSE_MS = 50;
const MAX_BATCHES = 200;
/** A value is measured up to this length. */
const MAX_LENGTH = 16 * 1024 * 1024;

/** Reads what workers send, has it applied, and acknowledges what is on disk. */
export class ResultsLoop {
  readonly #deps: ResultsLoopDeps;
  readonly #stop = new AbortController();
  #loop: Promise<void> | undefined;
  #open = 0;
  #openSize = 0;
  /** Average size of a batch, of late. */
  #usualSize = 0;

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
    for (const delivery of deliveries) this.#apply(delivery);
  }

  async #run(): Promise<void> {
    const { transport, partitions, clock, logger } = this.#deps;
    const { signal } = this.#stop;
    const trouble = new Trouble('reading results', logger, clock);
    while (!signal.aborted) {
      const owned = partitions();
      const max = this.#room();
      if (!transport.up || owned.length === 0 || max === 0) {
        await clock.sleep(PAUSE_MS, signal).catch(() => undefined);
        continue;
      }
      try {
        this.take(await transport.receiveResults({ partitions: owned, max, blockMs: BLOCK_MS, signal }));
        trouble.worked();
      } catch (error) {
        trouble.failed(error);
        await clock.sleep(PAUSE_MS, signal).catch(() => undefined);
      }
    }
  }

  /** How many batches may be read: fewer when they are large. */
  #room(): number {
    const { applier, maxBacklog, maxOpenSize } = this.#deps;
    const left = maxOpenSize - this.#openSize;
    if (left <= 0 || applier.backlog >= maxBacklog) return 0;
    return Math.max(1, Math.min(MAX_BATCHES, Math.floor(left / Math.max(1, this.#usualSize))));
  }

  #apply({ messages, receipt }: BatchDelivery): void {
    const { applier } = this.#deps;
    const reply = new BatchReply(this.#deps, messages.length, receipt, (size) => {
      this.#open--;
      this.#openSize -= size;
    });
    this.#open++;
    for (const message of messages) {
      const size = sizeOf(message);
      reply.size += size;
      this.#openSize += size;
      applier.post({ run: message.run, input: toInput(message), patient: true, size, reply, tries: 0 });
    }
    this.#usualSize += (reply.size - this.#usualSize) / 8;
    if (messages.length === 0) reply.finish();
  }
}

/** Acknowledges a batch when none of its messages needs a second look: their effects are on disk, or they have none. */
class BatchReply implements Reply {
  size = 0;
  readonly #deps: Pick<ResultsLoopDeps, 'ack' | 'onStale' | 'logger'>;
  readonly #receipt: Receipt;
  readonly #onEnd: (size: number) => void;
  #open: number;
  #kept = false;

  constructor(deps: Pick<ResultsLoopDeps, 'ack' | 'onStale' | 'logger'>, open: number, receipt: Receipt, onEnd: (size: number) => void) {
    this.#deps = deps;
    this.#open = open;
    this.#receipt = receipt;
    this.#onEnd = onEnd;
  }

  applied(_letter: Letter, verdict: Verdict): void {
    if (!verdict.taken) this.#deps.onStale();
    this.#count();
  }

  refused({ run, input }: Letter, error: MainstayError): void {
    if (error.code === 'SHUTTING_DOWN') this.#kept = true;
    else this.#deps.logger.warn({ err: error, run, input: brief(input) }, 'a message of a worker could not be applied and is dropped');
    this.#count();
  }

  #count(): void {
    this.#open--;
    if (this.#open === 0) this.finish();
  }

  finish(): void {
    this.#onEnd(this.size);
    if (!this.#kept) this.#deps.ack(this.#receipt);
  }
}

function brief(input: RunInput): object {
  return 'fence' in input ? { type: input.type, task: input.task, fence: input.fence } : { type: input.type };
}

type Input<T extends RunInput['type']> = { -readonly [K in keyof Extract<RunInput, { type: T }>]: Extract<RunInput, { type: T }>[K] };

function toInput(message: WorkerMessage): RunInput {
  const { task, fence, worker, startedAt, checkpoint } = message;
  if (message.type === 'result') {
    const { finishedAt, outcome } = message;
    const input: Input<'outcome'> = { type: 'outcome', task, fence, worker, startedAt, finishedAt, outcome };
    if (checkpoint !== undefined) input.checkpoint = checkpoint;
    return input;
  }
  const input: Input<'report'> = { type: 'report', task, fence, worker, startedAt, events: message.events };
  if (message.number !== undefined) input.number = message.number;
  if (message.progress !== undefined) input.progress = message.progress;
  if (checkpoint !== undefined) input.checkpoint = checkpoint;
  return input;
}

/** What the message carries, in characters of its JSON, about. */
function sizeOf(message: WorkerMessage): number {
  let size = 200;
  if (message.checkpoint !== undefined) size += jsonLength(message.checkpoint, MAX_LENGTH);
  if (message.type === 'result') {
    if (message.outcome.status === 'succeeded') size += jsonLength(message.outcome.output, MAX_LENGTH);
  } else for (const { data } of message.events) size += 100 + (data === undefined ? 0 : jsonLength(data, MAX_LENGTH));
  return Math.min(size, MAX_LENGTH);
}
