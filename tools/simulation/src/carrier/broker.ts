import { type Depth, PRIORITY_ORDER, partitionOf, type Receipt, resultLane, taskLane } from '@mainstay/transport';
import type { ControlMessage, TaskMessage, WorkerMessage } from '@mainstay/types';
import { type Body, type Entry, Lane } from './lane.ts';

/** What a connection of the broker hears. */
export interface Subscriber {
  readonly channels: ReadonlySet<string>;
  deliver(message: ControlMessage): void;
}

/** Those who watch over what passes through the broker. */
export interface BrokerWatch {
  sentTask(task: TaskMessage): void;
  sentResult(message: WorkerMessage): void;
  /** Worker messages that nobody will read again. */
  acknowledged(messages: readonly WorkerMessage[]): void;
}

interface Removed {
  readonly entry: Entry;
  readonly at: number;
}

/** How much of the last writes a restart may forget, in milliseconds. */
const FORGETS_MS = 1_000;

/** What a Redis holds, as far as the transport uses it: lanes with a group each, kinds, the epoch, subscriptions. */
export class Broker {
  /** Answers. */
  up = true;
  readonly subscribers = new Map<string, Subscriber>();
  readonly #now: () => number;
  readonly #watch: BrokerWatch;
  readonly #tell: ((what: string) => void) | undefined;
  #kinds = new Set<string>();
  #epoch: string | undefined;
  #lanes = new Map<string, Lane>();
  #removed: Removed[] = [];
  readonly #blocked = new Set<() => void>();
  #lastEntry = 0;

  constructor(now: () => number, watch: BrokerWatch, tell?: (what: string) => void) {
    this.#now = now;
    this.#watch = watch;
    this.#tell = tell;
  }

  /** One of the entries that lie in the lanes: where, whose, what it is about, and of which run. */
  get leftover(): { readonly says: string; readonly run: string } | undefined {
    for (const [name, lane] of this.#lanes)
      for (const { id, owner, body } of [...lane.pending.values(), ...lane.waiting.values()]) {
        const [{ type, task, fence, run }] = isBatch(body) ? body : [body];
        return { says: `${id} in ${name}, read by ${owner ?? 'nobody'}: ${type} ${task} ${fence}`, run };
      }
    return undefined;
  }

  /** Entries that wait or are pending anywhere. */
  get entries(): number {
    let count = 0;
    for (const { waiting, pending } of this.#lanes.values()) count += waiting.size + pending.size;
    return count;
  }

  // ── tasks ──

  sendTasks(tasks: readonly TaskMessage[]): void {
    for (const task of tasks) {
      this.#kinds.add(task.agent);
      this.#add(taskLane(task.agent, task.priority), task);
      this.#tell?.(`run ${task.run}: ${task.task} ${task.fence} lies in its lane`);
      this.#watch.sentTask(task);
    }
    this.#wake();
  }

  takeTasks(owner: string, kinds: readonly string[], max: number): Entry[] {
    const found: Entry[] = [];
    for (const priority of PRIORITY_ORDER)
      for (const kind of kinds)
        if (found.length < max) found.push(...this.lane(taskLane(kind, priority)).take(owner, max - found.length, this.#now()));
    this.#tellTaken(owner, found);
    return found;
  }

  pendingTasksOf(owner: string, kinds: readonly string[]): Entry[] {
    return this.#taskLanes(kinds).flatMap((lane) => lane.pendingOf((name) => name === owner));
  }

  readers(kinds: readonly string[]): readonly string[] {
    return [...new Set(this.#taskLanes(kinds).flatMap(({ readers }) => [...readers]))];
  }

  forget(owner: string, kinds: readonly string[]): void {
    for (const lane of this.#taskLanes(kinds)) lane.forget(owner);
  }

  depths(kinds: readonly string[]): ReadonlyMap<string, Depth> {
    return new Map(
      kinds.map((kind) => {
        const lanes = this.#taskLanes([kind]);
        const sum = (of: (lane: Lane) => number): number => lanes.reduce((total, lane) => total + of(lane), 0);
        return [kind, { waiting: sum(({ waiting }) => waiting.size), pending: sum(({ pending }) => pending.size) }];
      }),
    );
  }

  kinds(): readonly string[] {
    return [...this.#kinds];
  }

  // ── results ──

  sendResults(messages: readonly WorkerMessage[], ended: readonly Receipt[]): void {
    for (const { lane, entry } of ended) this.#remove(lane, entry);
    for (const [partition, batch] of Map.groupBy(messages, ({ run }) => partitionOf(run))) this.#add(resultLane(partition), batch);
    for (const message of messages) {
      this.#watch.sentResult(message);
      this.#tell?.(`run ${message.run}: ${message.type} of ${message.task} ${message.fence} by ${message.worker}`);
    }
    this.#wake();
  }

  takeResults(owner: string, partitions: readonly number[], max: number): Entry[] {
    const found: Entry[] = [];
    for (const partition of partitions) found.push(...this.lane(resultLane(partition)).take(owner, max - found.length, this.#now()));
    this.#tellTaken(owner, found);
    return found;
  }

  pendingResultsOf(isOwner: (name: string) => boolean, partitions: readonly number[]): Entry[] {
    return partitions.flatMap((partition) => this.lane(resultLane(partition)).pendingOf(isOwner));
  }

  takeOver(self: string, isDead: (name: string) => boolean, partitions: readonly number[], max: number): Entry[] {
    const found = this.pendingResultsOf((name) => name !== self && isDead(name), partitions).slice(0, max);
    for (const entry of found) this.lane(entry.lane).give(entry, self, this.#now());
    this.#tellTaken(self, found);
    return found;
  }

  /** Removes entries; those that are gone are no fault. */
  acknowledge(receipts: readonly Receipt[]): void {
    for (const { lane, entry } of receipts) this.#remove(lane, entry);
  }

  /** Calls `look` now and whenever something was added, until it returns true or the returned function is called. */
  block(look: () => boolean): () => void {
    const wake = (): void => {
      if (look()) this.#blocked.delete(wake);
    };
    this.#blocked.add(wake);
    wake();
    return () => this.#blocked.delete(wake);
  }

  // ── presence, epoch, control ──

  epoch(): string | undefined {
    return this.#epoch;
  }

  beginEpoch(epoch: string): string {
    return (this.#epoch ??= epoch);
  }

  publish(channel: string, message: ControlMessage): void {
    for (const subscriber of this.subscribers.values()) if (subscriber.channels.has(channel)) subscriber.deliver(message);
  }

  // ── faults ──

  /** Loses everything but the subscriptions. */
  wipe(): void {
    this.#lanes = new Map();
    this.#kinds = new Set();
    this.#removed = [];
    this.#epoch = undefined;
  }

  /** Forgets the writes of the last second, as a Redis does that died before they were on disk. */
  forgetLatest(): void {
    const since = this.#now() - FORGETS_MS;
    for (const lane of this.#lanes.values()) {
      for (const entry of [...lane.waiting.values(), ...lane.pending.values()]) if (entry.addedAt > since) lane.remove(entry.id);
      for (const entry of lane.pending.values()) if (entry.readAt > since) this.#putBack(lane, entry);
    }
    for (const { entry, at } of this.#removed) if (at > since && entry.addedAt <= since) this.#restore(entry, since);
    this.#removed = [];
  }

  lane(name: string): Lane {
    let lane = this.#lanes.get(name);
    if (lane === undefined) this.#lanes.set(name, (lane = new Lane()));
    return lane;
  }

  #restore(entry: Entry, since: number): void {
    const lane = this.lane(entry.lane);
    if (entry.owner !== undefined && entry.readAt <= since) lane.give(entry, entry.owner, entry.readAt);
    else this.#putBack(lane, entry);
  }

  #putBack(lane: Lane, entry: Entry): void {
    lane.pending.delete(entry.id);
    entry.owner = undefined;
    lane.waiting.set(entry.id, entry);
  }

  #taskLanes(kinds: readonly string[]): Lane[] {
    return kinds.flatMap((kind) => PRIORITY_ORDER.map((priority) => this.lane(taskLane(kind, priority))));
  }

  #add(lane: string, body: Body): void {
    const id = String(++this.#lastEntry);
    this.lane(lane).waiting.set(id, { id, lane, body, addedAt: this.#now(), owner: undefined, readAt: 0 });
  }

  #remove(lane: string, id: string): void {
    const entry = this.lane(lane).remove(id);
    if (entry === undefined) return;
    this.#tellEach([entry], 'acknowledged');
    const now = this.#now();
    while (this.#removed[0] !== undefined && this.#removed[0].at < now - FORGETS_MS) this.#removed.shift();
    this.#removed.push({ entry, at: now });
    if (isBatch(entry.body)) this.#watch.acknowledged(entry.body);
  }

  #tellTaken(owner: string, entries: readonly Entry[]): void {
    if (this.#tell !== undefined) this.#tellEach(entries, `taken by ${owner}`);
  }

  #tellEach(entries: readonly Entry[], what: string): void {
    if (this.#tell === undefined) return;
    for (const { body } of entries)
      for (const { type, run, task, fence } of isBatch(body) ? body : [body]) this.#tell(`run ${run}: ${type} ${task} ${fence} ${what}`);
  }

  #wake(): void {
    for (const look of [...this.#blocked]) look();
  }
}

export function isBatch(body: Body): body is readonly WorkerMessage[] {
  return Array.isArray(body);
}
