import { charCodeAt, type ControlMessage, type PriorityClass, type TaskMessage, type WorkerMessage } from '@mainstay/types';

/** Names one entry of a lane for acknowledgement; opaque outside the implementation. */
export interface Receipt {
  readonly lane: string;
  readonly entry: string;
}

/** A message together with what acknowledges it. */
export interface Delivery<M> {
  readonly message: M;
  readonly receipt: Receipt;
}

/** A batch of messages that one worker sent at once; acknowledged as a whole. */
export interface BatchDelivery {
  readonly messages: readonly WorkerMessage[];
  readonly receipt: Receipt;
}

/** An entry that could not be understood: forged, too new, too large, without its payload or garbage. It was acknowledged and is gone. */
export const REFUSAL_CODES = [
  'MESSAGE_INVALID',
  'MESSAGE_VERSION_UNSUPPORTED',
  'MESSAGE_SIGNATURE_INVALID',
  'MESSAGE_TOO_LARGE',
  'MESSAGE_PAYLOAD_MISSING',
] as const;

export interface Refusal {
  readonly lane: string;
  readonly code: (typeof REFUSAL_CODES)[number];
  readonly reason: string;
}

export interface ReceiveTasks {
  /** Kinds that the worker offers. */
  readonly kinds: readonly string[];
  /** At most so many tasks. */
  readonly max: number;
  /** Tasks of lower classes are left alone. Default `low`: none is. */
  readonly least?: PriorityClass;
  /** Waits so long for the first one, in milliseconds; returns empty after that. */
  readonly blockMs: number;
  readonly signal: AbortSignal;
}

export interface ReceiveBatches {
  /** Partitions (0 … PARTITIONS - 1) to read. */
  readonly partitions: readonly number[];
  /** At most so many batches. */
  readonly max: number;
  readonly blockMs: number;
  readonly signal: AbortSignal;
}

/** How much lies in the lanes of one agent kind. */
export interface Depth {
  /** Sent and not yet read by a worker. */
  readonly waiting: number;
  /** Read by a worker and not yet acknowledged. */
  readonly pending: number;
}

/** Where a control message goes: to all orchestrators, to all workers, or to one process by name. */
export type Channel = 'orchestrators' | 'workers' | { readonly process: string };

export interface TransportEvents {
  /** The connection is usable (again). */
  readonly onUp?: () => void;
  /** The connection is lost or half-open. */
  readonly onDown?: (error: Error) => void;
  /** The carrier is there and took nothing for want of room. Told at every such call. */
  readonly onFull?: (error: Error) => void;
  /** Something unreadable arrived and was dropped. */
  readonly onRefused?: (refusal: Refusal) => void;
}

/** Number of result lanes. A run's results always travel on the same one: see {@link partitionOf}. */
export const PARTITIONS = 4;

/** The result lane of a run: FNV-1a over its id. */
export function partitionOf(run: string): number {
  let hash = 0x811c9dc5;
  const { length } = run;
  for (let i = 0; i < length; i++) hash = Math.imul(hash ^ charCodeAt(run, i), 0x01000193);
  return (hash >>> 0) % PARTITIONS;
}

/**
 * Carries messages between orchestrators and workers. It may lose everything that lies in it (then {@link epoch} changes)
 * and may deliver a message twice; it never alters one. Every method rejects with DependencyError('REDIS_UNAVAILABLE')
 * within the command timeout when the carrier cannot be reached, those that send with 'REDIS_FULL' when it has no room, and none
 * retries by itself a call whose outcome is unknown.
 *
 * Lanes (at least once, kept until acknowledged): tasks by agent kind and priority, results by partition.
 * Control messages (may be missed): heartbeats, cancellation, wake-ups.
 */
export interface Transport {
  /** This process's name; unique per start of a process. */
  readonly name: string;

  /** Connects, subscribes to the process's own channel (its presence) and to its side's channel. */
  start(): Promise<void>;
  /** Ends the presence and the connections. Idempotent. */
  close(): Promise<void>;
  /** True while commands can be expected to work. */
  readonly up: boolean;
  /** Round trip to the carrier; rejects when it is not usable. */
  ping(signal: AbortSignal): Promise<void>;

  // ── tasks ──
  /** Sends all tasks or, when it rejects, possibly some of them. */
  sendTasks(tasks: readonly TaskMessage[]): Promise<void>;
  /** Takes tasks for this process: higher priorities first, kinds in turn. They stay pending until acknowledged. */
  receiveTasks(options: ReceiveTasks): Promise<readonly Delivery<TaskMessage>[]>;
  /** Sends messages and acknowledges the tasks that they end, in one atomic step. `ended` may be empty. */
  sendResults(messages: readonly WorkerMessage[], ended: readonly Receipt[]): Promise<void>;
  /** Removes tasks without a result (duplicates, withdrawn ones, and those taken back from a dead worker). */
  dropTasks(receipts: readonly Receipt[]): Promise<void>;
  /** Tasks that the named process read and never acknowledged, of the given kinds; they stay pending with it until dropped. */
  pendingTasksOf(process: string, kinds: readonly string[]): Promise<readonly Delivery<TaskMessage>[]>;
  /** Names of all processes that ever read tasks of these kinds and were not forgotten, dead ones included (consumers of the groups). */
  readers(kinds: readonly string[]): Promise<readonly string[]>;
  /** Forgets a dead process as a reader of the given kinds. Pending tasks must have been dropped before. */
  forget(process: string, kinds: readonly string[]): Promise<void>;
  /** Depth per kind, summed over priorities. */
  depths(kinds: readonly string[]): Promise<ReadonlyMap<string, Depth>>;
  /** Kinds for which a task lane exists. */
  kinds(): Promise<readonly string[]>;

  // ── results ──
  /** Takes batches of worker messages for this process. They stay pending until acknowledged. */
  receiveResults(options: ReceiveBatches): Promise<readonly BatchDelivery[]>;
  /** Acknowledges and removes batches. */
  ackResults(receipts: readonly Receipt[]): Promise<void>;
  /** Takes over up to `max` batches of these partitions that are pending with a process for which `isDead` holds. Own ones are not returned. */
  takeOverResults(partitions: readonly number[], isDead: (process: string) => boolean, max: number): Promise<readonly BatchDelivery[]>;

  // ── control ──
  publish(channel: Channel, message: ControlMessage): Promise<void>;
  /** Handler of control messages for this process (its own channel and its side's). Returns what ends the subscription. */
  onControl(handler: (message: ControlMessage) => void): () => void;

  // ── presence and epoch ──
  /** Which of these processes hold a subscription at this moment. */
  present(processes: readonly string[]): Promise<ReadonlySet<string>>;
  /**
   * The epoch of the carrier's content: undefined when it has none (it is new or lost everything).
   * Cheap enough to be asked several times a second.
   */
  epoch(): Promise<string | undefined>;
  /** Sets the epoch if there is none; returns the one that holds afterwards. */
  beginEpoch(epoch: string): Promise<string>;
  /** Facts about the carrier for the start-up check: does it evict keys? */
  evictionPolicy(): Promise<string>;
  /** What the carrier uses; what it does not tell is 0. */
  usage(): Promise<CarrierUsage>;
}

/** Facts about the carrier's memory. */
export interface CarrierUsage {
  readonly usedBytes: number;
  /** 0: none is set. */
  readonly limitBytes: number;
  /** Keys dropped for want of memory since its start. */
  readonly evictedKeys: number;
  /** Connections, of all users. */
  readonly clients: number;
}

/** Priority classes, the most urgent first. */
export const PRIORITY_ORDER: readonly PriorityClass[] = ['high', 'normal', 'low'];

export type Side = 'orchestrator' | 'worker';
