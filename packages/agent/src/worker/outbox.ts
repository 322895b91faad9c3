import { type AttemptRef, type WorkerMessage } from '@mainstay/types';
import type { Receipt, Transport } from '@mainstay/transport';
import { type Clock, dispositionOf } from '@mainstay/utils';
import type { TaskLog } from '../task-context.ts';
import { OutboxQueue } from './outbox-queue.ts';
import { SendMoment } from './send-moment.ts';
import { Waiters } from './waiters.ts';

/** Items under way at most, in however many sends: what is ready does not wait for the answers to earlier sends. */
const MAX_UNDER_WAY = 1_024;
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 1_000;

/** Something to be sent, or only a task to be acknowledged. */
export interface Outgoing {
  readonly message?: WorkerMessage;
  /** The task that this ends. */
  readonly ended?: Receipt;
  /** What it tells of: what is told of one subject leaves in order. */
  readonly subject?: object;
  sent?(): void;
  /** The transport will never take it (too large). */
  refused?(error: unknown): void;
}

interface OutboxOptions {
  readonly transport: Pick<Transport, 'sendResults' | 'dropTasks'>;
  readonly clock: Clock;
  readonly log: TaskLog;
  readonly onAcknowledged: (receipt: Receipt) => void;
}

/**
 * Sends what attempts produce, as soon as it is there (see {@link SendMoment}), in several sends at once. What cannot be sent now
 * is kept and tried again, with one send at a time until one succeeds; the receiver knows by the fence what it has already.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #closing = new AbortController();
  readonly #rested = new Waiters();
  readonly #queue = new OutboxQueue();
  readonly #moment: SendMoment;
  /** Undefined while sends succeed. */
  #failing: { readonly retryMs: number; readonly pausing: boolean } | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#moment = new SendMoment(options.clock, () => {
      this.#begin();
    });
  }

  /** What has not left yet. */
  get size(): number {
    return this.#queue.size;
  }

  /** Attempts that ended and whose results have not left yet. */
  refs(): readonly AttemptRef[] {
    return this.#queue.all().flatMap(({ message }) => {
      return message?.type === 'result' ? [{ run: message.run, task: message.task, fence: message.fence }] : [];
    });
  }

  add(item: Outgoing): void {
    if (this.#closing.signal.aborted) return;
    this.#queue.add(item);
    if (this.#mayBegin()) this.#moment.ready(this.#queue.waiting);
  }

  /** Resolves when everything has left, or the signal aborts. */
  async empty(signal: AbortSignal): Promise<void> {
    while (this.size > 0 && !signal.aborted) await this.#rested.wait(signal);
  }

  /** Gives up what has not left. */
  close(): void {
    this.#closing.abort();
    this.#queue.clear();
    this.#rested.wake();
  }

  #mayBegin(): boolean {
    if (this.#failing === undefined) return this.#queue.underWay < MAX_UNDER_WAY;
    return !this.#failing.pausing && this.#queue.underWay === 0;
  }

  #begin(): void {
    while (this.#mayBegin()) {
      const batch = this.#queue.take();
      if (batch === undefined) return;
      this.#moment.sent();
      void this.#fly(batch);
    }
  }

  async #fly(batch: readonly Outgoing[]): Promise<void> {
    const left = await this.#send(batch);
    this.#queue.landed(batch, this.#closing.signal.aborted ? [] : left);
    if (left.length === 0) this.#failing = this.#failing?.pausing === true ? this.#failing : undefined;
    else void this.#pause();
    this.#begin();
    if (this.size === 0) this.#rested.wake();
  }

  /** Before the next try: once, however many sends fail at the same time. */
  async #pause(): Promise<void> {
    if (this.#failing?.pausing) return;
    const retryMs = this.#failing?.retryMs ?? FIRST_RETRY_MS;
    this.#failing = { retryMs, pausing: true };
    await this.#options.clock.sleep(retryMs, this.#closing.signal).catch(() => undefined);
    this.#failing = { retryMs: Math.min(LAST_RETRY_MS, retryMs * 2), pausing: false };
    this.#begin();
  }

  /** Sends a batch; returns what must be tried again. */
  async #send(batch: readonly Outgoing[]): Promise<readonly Outgoing[]> {
    try {
      await this.#transmit(batch);
    } catch (error) {
      if (this.#closing.signal.aborted) return [];
      if (dispositionOf(error) !== 'terminal') {
        if (!this.#failing?.pausing) this.#options.log.warn({ err: error, held: this.size }, 'results cannot be sent now; they are kept');
        return batch;
      }
      const [first, ...others] = batch;
      if (others.length > 0) return await this.#oneByOne(batch);
      this.#options.log.error({ err: error }, 'a message was refused by the transport');
      first?.refused?.(error);
      return [];
    }
    for (const item of batch) {
      if (item.ended !== undefined) this.#options.onAcknowledged(item.ended);
      item.sent?.();
    }
    return [];
  }

  /** One message of the batch is bad: finds it without holding up the others. */
  async #oneByOne(batch: readonly Outgoing[]): Promise<readonly Outgoing[]> {
    const left: Outgoing[] = [];
    for (const item of batch) left.push(...(left.length > 0 ? [item] : await this.#send([item])));
    return left;
  }

  #transmit(batch: readonly Outgoing[]): Promise<void> {
    const { transport } = this.#options;
    const messages: WorkerMessage[] = [];
    const ended: Receipt[] = [];
    for (const item of batch) {
      if (item.message !== undefined) messages.push(item.message);
      if (item.ended !== undefined) ended.push(item.ended);
    }
    return messages.length > 0 ? transport.sendResults(messages, ended) : transport.dropTasks(ended);
  }
}
