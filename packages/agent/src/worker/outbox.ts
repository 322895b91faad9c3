import { type AttemptRef, type WorkerMessage } from '@mainstay/types';
import type { Receipt, Transport } from '@mainstay/transport';
import { type Clock, dispositionOf } from '@mainstay/utils';
import type { TaskLog } from '../task-context.ts';
import { Waiters } from './waiters.ts';

/** Messages of one send. */
const MAX_BATCH = 256;
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 1_000;

/** Something to be sent, or only a task to be acknowledged. */
export interface Outgoing {
  readonly message?: WorkerMessage;
  /** The task that this ends. */
  readonly ended?: Receipt;
  readonly onSent?: () => void;
  /** The transport will never take it (too large). */
  readonly onRefused?: (error: unknown) => void;
}

interface OutboxOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: TaskLog;
  readonly onAcknowledged: (receipt: Receipt) => void;
}

/**
 * Sends what attempts produce, in order. Whatever is there when a send can begin goes out in one step: alone while the
 * worker is idle, in large batches while it is busy. What cannot be sent now is kept and tried again; the receiver
 * knows by the fence what it has already.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #closing = new AbortController();
  readonly #rested = new Waiters();
  #queue: Outgoing[] = [];
  #sending: readonly Outgoing[] = [];
  #busy = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** What has not left yet. */
  get size(): number {
    return this.#queue.length + this.#sending.length;
  }

  /** Attempts that ended and whose results have not left yet. */
  refs(): readonly AttemptRef[] {
    return [...this.#sending, ...this.#queue].flatMap(({ message }) =>
      message?.type === 'result' ? [{ run: message.run, task: message.task, fence: message.fence }] : [],
    );
  }

  add(item: Outgoing): void {
    if (this.#closing.signal.aborted) return;
    this.#queue.push(item);
    if (this.#busy) return;
    this.#busy = true;
    setImmediate(() => void this.#work());
  }

  /** Resolves when everything has left, or the signal aborts. */
  async empty(signal: AbortSignal): Promise<void> {
    while (this.size > 0 && !signal.aborted) await this.#rested.wait(signal);
  }

  /** Gives up what has not left. */
  close(): void {
    this.#closing.abort();
    this.#queue = [];
  }

  async #work(): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (this.#queue.length > 0) {
      this.#sending = this.#queue.splice(0, MAX_BATCH);
      const left = await this.#send(this.#sending);
      this.#sending = [];
      this.#queue.unshift(...left);
      if (left.length === 0) retryMs = FIRST_RETRY_MS;
      else if (!(await this.#pause(retryMs))) break;
      else retryMs = Math.min(LAST_RETRY_MS, retryMs * 2);
    }
    this.#busy = false;
    this.#rested.wake();
  }

  async #pause(ms: number): Promise<boolean> {
    await this.#options.clock.sleep(ms, this.#closing.signal).catch(() => undefined);
    return !this.#closing.signal.aborted;
  }

  /** Sends a batch; returns what must be tried again. */
  async #send(batch: readonly Outgoing[]): Promise<readonly Outgoing[]> {
    try {
      await this.#transmit(batch);
    } catch (error) {
      if (this.#closing.signal.aborted) return [];
      if (dispositionOf(error) !== 'terminal') {
        this.#options.log.warn({ err: error, held: this.size }, 'results cannot be sent now; they are kept');
        return batch;
      }
      const [first, ...others] = batch;
      if (others.length === 0) {
        this.#options.log.error({ err: error }, 'a message was refused by the transport');
        first?.onRefused?.(error);
        return [];
      }
      return await this.#oneByOne(batch);
    }
    for (const item of batch) {
      if (item.ended !== undefined) this.#options.onAcknowledged(item.ended);
      item.onSent?.();
    }
    return [];
  }

  /** One message of the batch is bad: finds it without holding up the others. */
  async #oneByOne(batch: readonly Outgoing[]): Promise<readonly Outgoing[]> {
    const left: Outgoing[] = [];
    for (const item of batch) left.push(...(left.length > 0 ? [item] : await this.#send([item])));
    return left;
  }

  async #transmit(batch: readonly Outgoing[]): Promise<void> {
    const { transport } = this.#options;
    const messages = batch.flatMap(({ message }) => message ?? []);
    const ended = batch.flatMap((item) => item.ended ?? []);
    if (messages.length > 0) await transport.sendResults(messages, ended);
    else await transport.dropTasks(ended);
  }
}
