import {
  type BatchDelivery,
  type Channel,
  channelName,
  type CarrierUsage,
  type Delivery,
  type Depth,
  PARTITIONS,
  processChannel,
  type Receipt,
  type ReceiveBatches,
  type ReceiveTasks,
  type Side,
  sideChannel,
  type Transport,
  type TransportEvents,
} from '@mainstay/transport';
import { type ControlMessage, DependencyError, type TaskMessage, type WorkerMessage } from '@mainstay/types';
import type { Machine } from '../core/machine.ts';
import type { Random } from '../core/random.ts';
import type { Scheduler } from '../core/scheduler.ts';
import { type Weather, Wire } from '../core/wire.ts';
import { type Broker, isBatch } from './broker.ts';
import type { Entry } from './lane.ts';

export interface SimulatedTransportOptions {
  readonly broker: Broker;
  readonly scheduler: Scheduler;
  readonly machine: Machine;
  readonly side: Side;
  readonly random: Random;
  readonly weather: () => Readonly<Weather>;
  readonly events: TransportEvents;
  /** Told when the broker has done what was asked, before this process knows. */
  readonly onServed: () => void;
}

type State = 'new' | 'up' | 'down' | 'closed';

const COMMAND_TIMEOUT_MS = 2_000;
/** A half-open connection is noticed after this. */
const NOTICE_MS = { from: 1_000, to: 3_000 };
const RECONNECT_MS = { from: 20, to: 300 };

const ALL_PARTITIONS = Array.from({ length: PARTITIONS }, (_, partition) => partition);

/** A process's end of the simulated carrier: the contract of {@link Transport}, with everything in between that can go wrong. */
export class SimulatedTransport implements Transport {
  readonly #options: SimulatedTransportOptions;
  readonly #wire: Wire;
  readonly #handlers = new Set<(message: ControlMessage) => void>();
  /** Entries that were delivered and not acknowledged: others that are pending with us got lost on the way. */
  readonly #held = new Set<string>();
  /** Ends the reads that wait at the broker. */
  readonly #blocked = new Set<() => void>();
  #disturbed = false;
  #state: State = 'new';

  constructor(options: SimulatedTransportOptions) {
    this.#options = options;
    const { scheduler, machine, random, weather, broker, onServed } = options;
    const unavailable = (): Error => new DependencyError('REDIS_UNAVAILABLE', `The carrier does not answer ${machine.name}`);
    this.#wire = new Wire({ scheduler, machine, random, weather, isServed: () => broker.up, unavailable, label: 'carrier', onServed });
  }

  get name(): string {
    return this.#options.machine.name;
  }

  get up(): boolean {
    return this.#state === 'up';
  }

  // ── faults ──

  /** The connection breaks, and both sides know. */
  reset(): void {
    this.#leaveBroker();
    this.#options.machine.deliver(() => {
      this.#goDown();
    });
  }

  /** Nothing gets through any more; this side notices after a while, the other one does not. */
  cut(): void {
    this.#wire.cut = true;
    this.#later(NOTICE_MS, () => {
      if (this.#wire.cut) this.#goDown();
    });
  }

  mend(): void {
    this.#wire.cut = false;
  }

  /** The process died: its socket is closed when what it had sent has arrived. */
  died(): void {
    this.#state = 'closed';
    this.#options.scheduler.in(3, 'socket closed', () => {
      this.#leaveBroker();
    });
  }

  // ── life ──

  async start(): Promise<void> {
    if (this.#state === 'up') return;
    if (!this.#reachable()) await this.#wire.refuse();
    this.#connect();
  }

  close(): Promise<void> {
    this.#state = 'closed';
    this.#leaveBroker();
    this.#wire.break();
    this.#handlers.clear();
    return Promise.resolve();
  }

  ping(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    return this.#call(() => undefined);
  }

  // ── tasks ──

  sendTasks(tasks: readonly TaskMessage[]): Promise<void> {
    const { broker } = this.#options;
    return this.#call(() => {
      broker.sendTasks(tasks);
    }, true);
  }

  async receiveTasks({ kinds, max, blockMs, signal }: ReceiveTasks): Promise<readonly Delivery<TaskMessage>[]> {
    const { broker } = this.#options;
    const lost = (): Entry[] => broker.pendingTasksOf(this.name, kinds);
    const entries = await this.#read(lost, (room) => broker.takeTasks(this.name, kinds, room), { max, blockMs, signal });
    return entries.flatMap(({ body, lane, id }) => (isBatch(body) ? [] : [{ message: body, receipt: { lane, entry: id } }]));
  }

  async sendResults(messages: readonly WorkerMessage[], ended: readonly Receipt[]): Promise<void> {
    const { broker } = this.#options;
    await this.#call(() => {
      broker.sendResults(messages, ended);
    }, true);
    this.#release(ended);
  }

  dropTasks(receipts: readonly Receipt[]): Promise<void> {
    return this.#acknowledge(receipts);
  }

  async pendingTasksOf(process: string, kinds: readonly string[]): Promise<readonly Delivery<TaskMessage>[]> {
    const entries = await this.#call(() => this.#options.broker.pendingTasksOf(process, kinds));
    return entries.flatMap(({ body, lane, id }) => (isBatch(body) ? [] : [{ message: body, receipt: { lane, entry: id } }]));
  }

  readers(kinds: readonly string[]): Promise<readonly string[]> {
    return this.#call(() => this.#options.broker.readers(kinds));
  }

  forget(process: string, kinds: readonly string[]): Promise<void> {
    return this.#call(() => {
      this.#options.broker.forget(process, kinds);
    });
  }

  depths(kinds: readonly string[]): Promise<ReadonlyMap<string, Depth>> {
    return this.#call(() => this.#options.broker.depths(kinds));
  }

  kinds(): Promise<readonly string[]> {
    return this.#call(() => this.#options.broker.kinds());
  }

  // ── results ──

  async receiveResults({ partitions, max, blockMs, signal }: ReceiveBatches): Promise<readonly BatchDelivery[]> {
    const { broker } = this.#options;
    const lost = (): Entry[] => broker.pendingResultsOf((name) => name === this.name, ALL_PARTITIONS);
    const entries = await this.#read(lost, (room) => broker.takeResults(this.name, partitions, room), { max, blockMs, signal });
    return batches(entries);
  }

  ackResults(receipts: readonly Receipt[]): Promise<void> {
    return this.#acknowledge(receipts);
  }

  async takeOverResults(
    partitions: readonly number[],
    isDead: (process: string) => boolean,
    max: number,
  ): Promise<readonly BatchDelivery[]> {
    const { broker } = this.#options;
    try {
      const entries = await this.#call(() => broker.takeOver(this.name, isDead, partitions, max));
      for (const { id } of entries) this.#held.add(id);
      return batches(entries);
    } catch (error) {
      this.#disturbed = true;
      throw error;
    }
  }

  // ── control ──

  publish(channel: Channel, message: ControlMessage): Promise<void> {
    return this.#call(() => {
      this.#options.broker.publish(channelName(channel), message);
    }, true);
  }

  onControl(handler: (message: ControlMessage) => void): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  present(processes: readonly string[]): Promise<ReadonlySet<string>> {
    const { subscribers } = this.#options.broker;
    return this.#call(() => new Set(processes.filter((process) => subscribers.has(process))));
  }

  epoch(): Promise<string | undefined> {
    return this.#call(() => this.#options.broker.epoch());
  }

  beginEpoch(epoch: string): Promise<string> {
    return this.#call(() => this.#options.broker.beginEpoch(epoch));
  }

  evictionPolicy(): Promise<string> {
    return Promise.resolve('noeviction');
  }

  usage(): Promise<CarrierUsage> {
    return Promise.resolve({ usedBytes: 0, limitBytes: 0, evictedKeys: 0, clients: this.#options.broker.subscribers.size });
  }

  // ── inside ──

  #leaveBroker(): void {
    this.#options.broker.subscribers.delete(this.name);
    for (const end of [...this.#blocked]) end();
  }

  #reachable(): boolean {
    return this.#options.broker.up && !this.#wire.cut;
  }

  #connect(): void {
    if (this.#state === 'closed') return;
    this.#state = 'up';
    const { broker, machine, side } = this.#options;
    broker.subscribers.set(machine.name, {
      channels: new Set([processChannel(machine.name), sideChannel(side)]),
      deliver: (message) => {
        this.#hear(message);
      },
    });
    this.#options.events.onUp?.();
  }

  #goDown(): void {
    if (this.#state !== 'up') return;
    this.#state = 'down';
    this.#disturbed = true;
    this.#wire.break();
    this.#options.events.onDown?.(new DependencyError('REDIS_UNAVAILABLE', 'The connection broke'));
    this.#reconnect();
  }

  #reconnect(): void {
    this.#later(RECONNECT_MS, () => {
      if (this.#state !== 'down') return;
      if (this.#reachable()) this.#connect();
      else this.#reconnect();
    });
  }

  #later({ from, to }: { readonly from: number; readonly to: number }, run: () => void): void {
    const { machine, random, scheduler } = this.#options;
    scheduler.in(random.between(from, to), 'connection', () => {
      machine.deliver(run);
    });
  }

  /** News may be late, lost, or overtake each other. */
  #hear(message: ControlMessage): void {
    const { scheduler, random, weather, machine } = this.#options;
    const { loss, slow, slowMs } = weather();
    if (this.#wire.cut || random.chance(loss)) return;
    const ms = random.chance(slow) ? random.between(1, slowMs) : random.between(0.1, 1.5);
    scheduler.in(ms, 'news', () => {
      if (this.#wire.cut) return;
      machine.deliver(() => {
        if (this.#state === 'up') for (const handler of [...this.#handlers]) handler(message);
      });
    });
  }

  #call<T>(op: () => T, repeatable = false): Promise<T> {
    if (!this.#options.machine.alive) return new Promise<T>(() => undefined);
    if (this.#state !== 'up') return Promise.reject(new DependencyError('REDIS_UNAVAILABLE', 'There is no connection'));
    return this.#wire.call(op, { timeoutMs: COMMAND_TIMEOUT_MS, repeatable });
  }

  async #acknowledge(receipts: readonly Receipt[]): Promise<void> {
    try {
      await this.#call(() => {
        this.#options.broker.acknowledge(receipts);
      });
      this.#release(receipts);
    } catch (error) {
      this.#release(receipts);
      this.#disturbed = true;
      throw error;
    }
  }

  #release(receipts: readonly Receipt[]): void {
    for (const { entry } of receipts) this.#held.delete(entry);
  }

  /** Entries that got lost on the way first, if there may be any; then what waits. */
  async #read(
    lost: () => Entry[],
    take: (max: number) => Entry[],
    { max, blockMs, signal }: Pick<ReceiveTasks, 'max' | 'blockMs' | 'signal'>,
  ): Promise<readonly Entry[]> {
    if (!this.#options.machine.alive) return new Promise(() => undefined);
    if (this.#state !== 'up') throw new DependencyError('REDIS_UNAVAILABLE', 'There is no connection');
    if (signal.aborted || max <= 0) return [];
    const recovers = this.#disturbed;
    this.#disturbed = false; // What is disturbed from now on is looked for by a later read.
    const look = (): Entry[] => {
      const found = recovers
        ? lost()
            .filter(({ id }) => !this.#held.has(id))
            .slice(0, max)
        : [];
      return found.length > 0 ? found : take(max);
    };
    try {
      const found = await this.#blockingRead(look, blockMs, signal);
      for (const { id } of found) this.#held.add(id);
      if (recovers && found.length > 0) this.#disturbed = true;
      return found;
    } catch (error) {
      this.#disturbed = true;
      throw error;
    }
  }

  async #blockingRead(look: () => Entry[], blockMs: number, signal: AbortSignal): Promise<Entry[]> {
    const { broker, scheduler } = this.#options;
    let unblock = (): void => undefined;
    const atBroker = (): Promise<Entry[]> =>
      new Promise((resolve) => {
        const waiting = { stop: (): void => undefined };
        const end = (found: Entry[]): void => {
          waiting.stop();
          timer.cancelled = true;
          this.#blocked.delete(unblock);
          resolve(found);
        };
        const timer = scheduler.in(blockMs, 'block over', () => {
          end([]);
        });
        unblock = () => {
          end([]);
        };
        this.#blocked.add(unblock);
        waiting.stop = broker.block(() => {
          const found = look();
          if (found.length > 0) end(found);
          return found.length > 0;
        });
      });
    const onAbort = (): void => {
      unblock();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await this.#wire.call(atBroker, { timeoutMs: blockMs + COMMAND_TIMEOUT_MS });
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }
}

function batches(entries: readonly Entry[]): BatchDelivery[] {
  return entries.flatMap(({ body, lane, id }) => (isBatch(body) ? [{ messages: body, receipt: { lane, entry: id } }] : []));
}
