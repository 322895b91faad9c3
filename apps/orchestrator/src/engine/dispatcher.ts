import type { Logger } from '@mainstay/observability';
import type { Receipt, Transport } from '@mainstay/transport';
import { type AttemptRef, MainstayError, MESSAGE_VERSION, type TaskMessage } from '@mainstay/types';
import type { Clock } from '@mainstay/utils';
import type { Change, Command } from '../pipeline/model.ts';
import { groupBy } from './group.ts';
import type { Marks } from './marks.ts';
import { Trouble } from './trouble.ts';

export interface DispatcherDeps {
  readonly transport: Transport;
  readonly marks: Marks;
  /** These dispatches did not arrive for certain: each is to be dispatched anew. Resolves when that is on disk. */
  readonly undelivered: (attempts: readonly AttemptRef[]) => Promise<void>;
  /** Whether these batches arrived must be found out in the store. */
  readonly onUncertain: (batch: number) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A commit whose tasks are on their way. */
interface Shipment {
  readonly batch: number;
  /** Of its parcels, those that have not been sent. */
  left: number;
}

interface Parcel {
  readonly shipment: Shipment;
  readonly messages: readonly TaskMessage[];
}

/** Parcels that wait, and the publication under way. */
interface Way {
  parcels: Parcel[];
  sending: Promise<void> | undefined;
}

interface Cancel {
  readonly worker: string;
  readonly reason: Extract<Command, { type: 'cancel-attempt' }>['reason'];
  readonly attempt: AttemptRef;
}

const RETRY_MS = 100;
/** Attempts that are dispatched anew at once. */
const REPAIR_CHUNK = 500;
/** While the transport takes nothing although it is up, one task is tried so often. */
const PROBE_MS = 1_000;

/**
 * Publishes what was committed: tasks to their lanes, cancellations to workers, acknowledgements of results. What comes in
 * one turn leaves in one turn, tasks first; while a publication is under way the next one gathers. Urgent tasks, other tasks and
 * acknowledgements do not wait for each other. A publication that failed may have arrived in part: its tasks get a new fence
 * once the transport is back, and their batches stay open until that is on disk. While it is full, one task at a time is tried: each try
 * is written down in the store, and thousands that try without end would fill that as well.
 */
export class Dispatcher {
  readonly #deps: DispatcherDeps;
  readonly #stop = new AbortController();
  readonly #repairs = new Set<Promise<void>>();
  readonly #trouble: Trouble;
  readonly #urgent: Way = { parcels: [], sending: undefined };
  readonly #others: Way = { parcels: [], sending: undefined };
  #acks: Receipt[] = [];
  #acking: Promise<void> | undefined;
  #started = false;
  #scheduled = false;
  #backlog = 0;
  #full = false;
  /** Own monotonic time of the next try while the transport is full. */
  #probeAt = 0;

  constructor(deps: DispatcherDeps) {
    this.#deps = deps;
    this.#trouble = new Trouble('sending tasks to the transport', deps.logger, deps.clock);
  }

  start(): void {
    this.#started = true;
    this.#wake();
  }

  /** Tasks that are committed and not in the transport. */
  get backlog(): number {
    return this.#backlog;
  }

  /** The transport is up and took nothing for want of room. */
  get full(): boolean {
    return this.#full;
  }

  get idle(): boolean {
    return (
      isFree(this.#urgent) && isFree(this.#others) && this.#acks.length === 0 && this.#repairs.size === 0 && this.#acking === undefined
    );
  }

  /** Publishes the commands of committed changes. Closes the batch when all of its tasks have been sent. */
  publish(changes: readonly Change[], batch: number): void {
    const urgent: TaskMessage[] = [];
    const others: TaskMessage[] = [];
    const cancels: Cancel[] = [];
    for (const { commands, state } of changes) {
      for (const command of commands) {
        if (command.type === 'dispatch') (command.message.priority === 'high' ? urgent : others).push(command.message);
        else if (command.worker !== undefined) {
          const { worker, reason, task, fence } = command;
          cancels.push({ worker, reason, attempt: { run: state.id, task, fence } });
        }
      }
    }
    if (cancels.length > 0) this.#cancel(cancels);
    const tasks = urgent.length + others.length;
    if (tasks === 0) {
      this.#deps.marks.close(batch);
      return;
    }
    this.#backlog += tasks;
    const shipment = { batch, left: urgent.length > 0 && others.length > 0 ? 2 : 1 };
    if (urgent.length > 0) this.#urgent.parcels.push({ shipment, messages: urgent });
    if (others.length > 0) this.#others.parcels.push({ shipment, messages: others });
    this.#wake();
  }

  /** Acknowledges a batch of results whose effects are on disk. */
  ack(receipt: Receipt): void {
    this.#acks.push(receipt);
    this.#wake();
  }

  /** Sends the tasks that wait, then ends. */
  async stop(): Promise<void> {
    this.#stop.abort();
    const [urgent, others] = [this.#urgent, this.#others];
    const waits = ({ parcels, sending }: Way): boolean => sending !== undefined || (this.#started && parcels.length > 0);
    while (waits(urgent) || waits(others)) {
      this.#flush();
      await Promise.all([urgent.sending, others.sending]);
    }
    await Promise.all([this.#acking, ...this.#repairs]);
  }

  #wake(): void {
    if (this.#scheduled || !this.#started) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    this.#sendAlong(this.#urgent);
    this.#sendAlong(this.#others);
    if (this.#acking === undefined && this.#acks.length > 0 && !this.#stop.signal.aborted) {
      this.#acking = this.#sendAcks(this.#acks.splice(0)).finally(() => {
        this.#acking = undefined;
        this.#flush();
      });
    }
  }

  #sendAlong(way: Way): void {
    if (way.sending !== undefined || way.parcels.length === 0) return;
    way.sending = this.#sendTasks(way.parcels.splice(0)).finally(() => {
      way.sending = undefined;
      this.#flush();
    });
  }

  /** A cancellation that gets lost costs work, not truth: the result of the attempt will be stale. */
  #cancel(cancels: readonly Cancel[]): void {
    for (const group of groupBy(cancels, ({ worker, reason }) => `${worker}\n${reason}`).values()) {
      const [first] = group;
      if (first === undefined) continue;
      const attempts = group.map(({ attempt }) => attempt);
      this.#deps.transport
        .publish({ process: first.worker }, { v: MESSAGE_VERSION, type: 'cancel', attempts, reason: first.reason })
        .catch((error: unknown) => {
          this.#deps.logger.debug({ err: error, worker: first.worker }, 'a cancellation could not be sent');
        });
    }
  }

  async #sendTasks(parcels: readonly Parcel[]): Promise<void> {
    const [first] = parcels;
    const messages = parcels.length === 1 && first !== undefined ? first.messages : parcels.flatMap((parcel) => parcel.messages);
    const shipments = parcels.map(({ shipment }) => shipment);
    try {
      await this.#deps.transport.sendTasks(messages);
      this.#full = false;
      this.#trouble.worked();
      this.#done(shipments, messages.length);
    } catch (error) {
      this.#full = error instanceof MainstayError && error.code === 'REDIS_FULL';
      if (this.#full) this.#probeAt = this.#deps.clock.monotonic() + PROBE_MS;
      this.#trouble.failed(error);
      const attempts = messages.map(({ run, task, fence }) => ({ run, task, fence }));
      const repair = this.#repair(shipments, attempts).finally(() => this.#repairs.delete(repair));
      this.#repairs.add(repair);
    }
  }

  #done(shipments: readonly Shipment[], tasks: number): void {
    for (const shipment of shipments) if (--shipment.left === 0) this.#deps.marks.close(shipment.batch);
    this.#backlog -= tasks;
  }

  async #repair(shipments: readonly Shipment[], attempts: readonly AttemptRef[]): Promise<void> {
    try {
      let from = 0;
      while (from < attempts.length) {
        const many = await this.#room();
        if (many === 0) return; // The batches stay open: whoever comes next finds them unpublished.
        await this.#deps.undelivered(attempts.slice(from, from + many));
        from += many;
      }
      this.#done(shipments, attempts.length);
    } catch (error) {
      this.#backlog -= attempts.length;
      if (this.#stop.signal.aborted) return;
      this.#deps.logger.warn({ err: error, tasks: attempts.length }, 'unsent tasks are looked for in the store');
      for (const { batch } of shipments) this.#deps.onUncertain(batch);
    }
  }

  /** Waits until tasks may be sent; how many at once. 0: the engine stops. */
  async #room(): Promise<number> {
    const { transport, clock } = this.#deps;
    const { signal } = this.#stop;
    for (;;) {
      const now = clock.monotonic();
      if (transport.up && !this.#full) return REPAIR_CHUNK;
      if (signal.aborted) return 0;
      if (transport.up && now >= this.#probeAt) {
        this.#probeAt = now + PROBE_MS;
        return 1;
      }
      await clock.sleep(RETRY_MS, signal).catch(() => undefined);
    }
  }

  async #sendAcks(receipts: readonly Receipt[]): Promise<void> {
    try {
      await this.#deps.transport.ackResults(receipts);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.#deps.logger.debug({ err: error, batches: receipts.length }, 'results could not be acknowledged; trying again');
      for (const receipt of receipts) this.#acks.push(receipt);
      await this.#deps.clock.sleep(RETRY_MS, this.#stop.signal).catch(() => undefined);
    }
  }
}

function isFree({ parcels, sending }: Way): boolean {
  return parcels.length === 0 && sending === undefined;
}
