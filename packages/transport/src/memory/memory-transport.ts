import { type ControlMessage, DependencyError, type TaskMessage, type WorkerMessage } from '@mainstay/types';
import type { TransportClock } from '../clock.ts';
import { channelName, processChannel, resultLane, sideChannel, taskLane, taskLanesOf } from '../lanes.ts';
import { readOrder, rotate } from '../read-order.ts';
import { receiptOf } from '../receipts.ts';
import { sealResults } from '../seal-results.ts';
import {
  type BatchDelivery,
  type CarrierUsage,
  type Channel,
  type Delivery,
  type Depth,
  type Receipt,
  type ReceiveBatches,
  type ReceiveTasks,
  type Side,
  type Transport,
  type TransportEvents,
} from '../transport.ts';
import type { Codec, Decoded } from '../wire/codec.ts';
import type { MemoryStore, MemorySubscriber } from './memory-store.ts';

type State = 'new' | 'up' | 'down' | 'closed';

interface Parts {
  readonly name: string;
  readonly side: Side;
  readonly codec: Codec;
  readonly store: MemoryStore;
  readonly clock: TransportClock;
  readonly events: TransportEvents;
}

interface Raw {
  readonly lane: string;
  readonly entry: string;
  readonly frame: string;
}

interface Decoding<M> {
  readonly messages: readonly M[];
  readonly receipt: Receipt;
}

/** A process's end of a memory hub. */
export class MemoryTransport implements Transport {
  readonly #parts: Parts;
  readonly #handlers = new Set<(message: ControlMessage) => void>();
  readonly #blocked = new Set<() => void>();
  readonly #subscriber: MemorySubscriber;
  #state: State = 'new';
  #fullReads = 0;
  #turn = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#subscriber = {
      channels: new Set([processChannel(parts.name), sideChannel(parts.side)]),
      deliver: (channel, frame) => {
        queueMicrotask(() => {
          this.#onControl(channel, frame);
        });
      },
    };
  }

  get name(): string {
    return this.#parts.name;
  }

  get up(): boolean {
    return this.#state === 'up';
  }

  start(): Promise<void> {
    return this.#attempt(() => {
      if (this.#state === 'down') throw this.#unavailable();
      this.reconnect();
    }, true);
  }

  close(): Promise<void> {
    this.#leave('closed');
    this.#handlers.clear();
    return Promise.resolve();
  }

  /** The connection breaks: everything rejects and the presence is gone. */
  disconnect(): void {
    if (this.#state !== 'up') return;
    this.#leave('down');
    this.#parts.events.onDown?.(this.#unavailable());
  }

  /** The connection comes (back). */
  reconnect(): void {
    if (this.#state === 'up' || this.#state === 'closed') return;
    this.#state = 'up';
    this.#parts.store.subscribers.set(this.name, this.#subscriber);
    this.#parts.events.onUp?.();
  }

  ping(signal: AbortSignal): Promise<void> {
    return this.#attempt(() => {
      signal.throwIfAborted();
    });
  }

  sendTasks(tasks: readonly TaskMessage[]): Promise<void> {
    return this.#attempt(() => {
      const { codec, store } = this.#parts;
      const sealed = tasks.map((task) => {
        const lane = taskLane(task.agent, task.priority);
        return { kind: task.agent, lane, ...codec.encodeTask(lane, task) };
      });
      for (const { kind } of sealed) store.kinds.add(kind);
      store.add(sealed);
    });
  }

  async receiveTasks({ kinds, max, blockMs, signal, least }: ReceiveTasks): Promise<readonly Delivery<TaskMessage>[]> {
    const take = (): readonly Delivery<TaskMessage>[] => {
      const found: Delivery<TaskMessage>[] = [];
      const inTurn = rotate(kinds, this.#turn);
      for (const step of readOrder(this.#fullReads, max, least)) {
        const lanes = inTurn.map((kind) => taskLane(kind, step.priority));
        const wanted = Math.min(step.limit, max - found.length);
        found.push(...this.#takeFrom(lanes, wanted, (raw) => this.#deliveries(raw)));
      }
      this.#fullReads = found.length >= max ? this.#fullReads + 1 : 0;
      if (found.length > 0) this.#turn += 1;
      return found;
    };
    return this.#block(take, max, blockMs, signal);
  }

  sendResults(messages: readonly WorkerMessage[], ended: readonly Receipt[]): Promise<void> {
    return this.#attempt(() => {
      const { codec, store } = this.#parts;
      const sealed = sealResults(codec, messages);
      for (const receipt of ended) store.remove(receipt);
      store.add(sealed);
    });
  }

  dropTasks(receipts: readonly Receipt[]): Promise<void> {
    return this.#attempt(() => {
      for (const receipt of receipts) this.#parts.store.remove(receipt);
    });
  }

  pendingTasksOf(process: string, kinds: readonly string[]): Promise<readonly Delivery<TaskMessage>[]> {
    return this.#attempt(() => this.#pendingOf(taskLanesOf(kinds), (owner) => owner === process).flatMap((raw) => this.#deliveries(raw)));
  }

  readers(kinds: readonly string[]): Promise<readonly string[]> {
    return this.#attempt(() => [...new Set(taskLanesOf(kinds).flatMap((lane) => this.#parts.store.lane(lane).readers))]);
  }

  forget(process: string, kinds: readonly string[]): Promise<void> {
    return this.#attempt(() => {
      for (const lane of taskLanesOf(kinds)) this.#parts.store.lane(lane).forget(process);
    });
  }

  depths(kinds: readonly string[]): Promise<ReadonlyMap<string, Depth>> {
    return this.#attempt(() => {
      const depths = new Map<string, Depth>();
      for (const kind of kinds) {
        const lanes = taskLanesOf([kind]).map((lane) => this.#parts.store.lane(lane));
        depths.set(kind, {
          waiting: lanes.reduce((sum, lane) => sum + lane.waiting, 0),
          pending: lanes.reduce((sum, lane) => sum + lane.pending, 0),
        });
      }
      return depths;
    });
  }

  kinds(): Promise<readonly string[]> {
    return this.#attempt(() => [...this.#parts.store.kinds]);
  }

  async receiveResults({ partitions, max, blockMs, signal }: ReceiveBatches): Promise<readonly BatchDelivery[]> {
    const take = (): readonly BatchDelivery[] => {
      const lanes = rotate(partitions, this.#turn).map(resultLane);
      const found = this.#takeFrom(lanes, max, (raw) => this.#batches(raw));
      if (found.length > 0) this.#turn += 1;
      return found;
    };
    return this.#block(take, max, blockMs, signal);
  }

  ackResults(receipts: readonly Receipt[]): Promise<void> {
    return this.dropTasks(receipts);
  }

  takeOverResults(partitions: readonly number[], isDead: (process: string) => boolean, max: number): Promise<readonly BatchDelivery[]> {
    return this.#attempt(() => {
      const raws = this.#pendingOf(partitions.map(resultLane), (owner) => owner !== this.name && isDead(owner)).slice(0, max);
      for (const { lane, entry } of raws) this.#parts.store.lane(lane).give(entry, this.name);
      return raws.flatMap((raw) => this.#batches(raw));
    });
  }

  publish(channel: Channel, message: ControlMessage): Promise<void> {
    return this.#attempt(() => {
      const name = channelName(channel);
      this.#parts.store.publish(name, this.#parts.codec.encodeControl(name, message));
    });
  }

  onControl(handler: (message: ControlMessage) => void): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  present(processes: readonly string[]): Promise<ReadonlySet<string>> {
    return this.#attempt(() => new Set(processes.filter((process) => this.#parts.store.subscribers.has(process))));
  }

  epoch(): Promise<string | undefined> {
    return this.#attempt(() => this.#parts.store.epoch);
  }

  beginEpoch(epoch: string): Promise<string> {
    return this.#attempt(() => (this.#parts.store.epoch ??= epoch));
  }

  evictionPolicy(): Promise<string> {
    return this.#attempt(() => 'noeviction');
  }

  usage(): Promise<CarrierUsage> {
    return this.#attempt(() => ({ usedBytes: 0, limitBytes: 0, evictedKeys: 0, clients: this.#parts.store.subscribers.size }));
  }

  #leave(state: State): void {
    this.#state = state;
    if (this.#parts.store.subscribers.get(this.name) === this.#subscriber) this.#parts.store.subscribers.delete(this.name);
    for (const stop of [...this.#blocked]) stop();
  }

  #onControl(channel: string, frame: string): void {
    if (this.#state !== 'up') return;
    for (const message of this.#accept(this.#parts.codec.decodeControl(channel, frame))) {
      for (const handler of [...this.#handlers]) handler(message);
    }
  }

  /** Runs a step while connected; what it throws becomes a rejection. */
  #attempt<T>(step: () => T, starting = false): Promise<T> {
    if (this.#state !== 'up' && !(starting && this.#state !== 'closed')) return Promise.reject(this.#unavailable());
    try {
      return Promise.resolve(step());
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Takes at once, or when something was added, or nothing when the time is over or the signal fires. */
  #block<T>(take: () => readonly T[], max: number, blockMs: number, signal: AbortSignal): Promise<readonly T[]> {
    if (this.#state !== 'up') return Promise.reject(this.#unavailable());
    if (signal.aborted || max <= 0) return Promise.resolve([]);
    const found = take();
    if (found.length > 0 || blockMs <= 0) return Promise.resolve(found);
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void): void => {
        unwatch();
        this.#parts.clock.clearTimeout(timer);
        signal.removeEventListener('abort', onEnd);
        this.#blocked.delete(onLost);
        finish();
      };
      const onEnd = (): void => {
        settle(() => {
          resolve([]);
        });
      };
      const onLost = (): void => {
        settle(() => {
          reject(this.#unavailable());
        });
      };
      const unwatch = this.#parts.store.watch(() => {
        const late = take();
        if (late.length === 0) return;
        settle(() => {
          resolve(late);
        });
      });
      const timer = this.#parts.clock.setTimeout(onEnd, blockMs);
      signal.addEventListener('abort', onEnd, { once: true });
      this.#blocked.add(onLost);
    });
  }

  /** Takes until there are `max`, so that a refused entry does not count. */
  #takeFrom<T>(lanes: readonly string[], max: number, read: (raw: Raw) => readonly T[]): readonly T[] {
    const found: T[] = [];
    for (const lane of lanes) {
      const stream = this.#parts.store.lane(lane);
      do {
        for (const [entry, frame] of stream.take(this.name, max - found.length)) found.push(...read({ lane, entry, frame }));
      } while (found.length < max && stream.waiting > 0);
    }
    return found;
  }

  #pendingOf(lanes: readonly string[], isOwner: (name: string) => boolean): readonly Raw[] {
    return lanes.flatMap((lane) =>
      this.#parts.store
        .lane(lane)
        .pendingOf(isOwner)
        .map(([entry, frame]) => ({ lane, entry, frame })),
    );
  }

  #deliveries(raw: Raw): readonly Delivery<TaskMessage>[] {
    const { messages, receipt } = this.#decode(raw, this.#parts.codec.decodeTask);
    return messages.map((message) => ({ message, receipt }));
  }

  #batches(raw: Raw): readonly BatchDelivery[] {
    const { messages, receipt } = this.#decode(raw, this.#parts.codec.decodeBatch);
    return messages.length > 0 ? [{ messages, receipt }] : [];
  }

  /** The messages of an entry; one that has none is removed. */
  #decode<M>({ lane, entry, frame }: Raw, decode: (lane: string, frame: string, payload?: string) => Decoded<M>): Decoding<M> {
    const { codec, store } = this.#parts;
    const name = codec.referenceOf(lane, frame)?.name;
    const messages = this.#accept(decode(lane, frame, store.payloads.get(name ?? '')));
    const receipt = receiptOf(lane, entry, name);
    if (messages.length === 0) store.remove(receipt);
    return { messages, receipt };
  }

  #accept<M>(decoded: Decoded<M>): readonly M[] {
    for (const refusal of decoded.refusals) this.#parts.events.onRefused?.(refusal);
    return decoded.messages;
  }

  #unavailable(): DependencyError {
    return new DependencyError(
      'REDIS_UNAVAILABLE',
      `The memory transport of ${this.name} is ${this.#state === 'new' ? 'not started' : this.#state}.`,
    );
  }
}
