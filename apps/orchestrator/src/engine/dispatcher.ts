import type { Logger } from '@mainstay/observability';
import type { Receipt, Transport } from '@mainstay/transport';
import type { AttemptRef, TaskMessage } from '@mainstay/types';
import type { Clock } from '@mainstay/utils';
import { MESSAGE_VERSION } from '@mainstay/types';
import type { Change, Command } from '../pipeline/model.ts';
import { groupBy } from './group.ts';
import type { Marks } from './marks.ts';
import { Wake } from './wake.ts';

export interface DispatcherDeps {
  readonly transport: Transport;
  readonly marks: Marks;
  /** These dispatches did not arrive for certain: each is to be dispatched anew. Resolves when that is on disk. */
  readonly undelivered: (attempts: readonly AttemptRef[]) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Parcel {
  readonly batch: number;
  readonly messages: readonly TaskMessage[];
}

const RETRY_MS = 100;

/**
 * Publishes what was committed: tasks to their lanes, cancellations to workers, acknowledgements of results. It runs
 * behind the commits and gathers while a publication is under way. A publication that failed may have arrived in part:
 * its tasks get a new fence once the transport is back, and their batches stay open until that is on disk.
 */
export class Dispatcher {
  readonly #deps: DispatcherDeps;
  readonly #wake: Wake;
  readonly #stop = new AbortController();
  readonly #repairs = new Set<Promise<void>>();
  #parcels: Parcel[] = [];
  #acks: Receipt[] = [];
  #loop: Promise<void> | undefined;
  #busy = false;

  constructor(deps: DispatcherDeps) {
    this.#deps = deps;
    this.#wake = new Wake(deps.clock);
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  get backlog(): number {
    return this.#parcels.reduce((sum, { messages }) => sum + messages.length, 0);
  }

  get idle(): boolean {
    return this.#parcels.length === 0 && this.#acks.length === 0 && !this.#busy && this.#repairs.size === 0;
  }

  /** Publishes the commands of committed changes. Closes the batch when all of its tasks have been sent. */
  publish(changes: readonly Change[], batch: number): void {
    const commands = changes.flatMap(({ commands, state }) => commands.map((command) => ({ command, run: state.id })));
    const messages = commands.flatMap(({ command }) => (command.type === 'dispatch' ? [command.message] : []));
    this.#cancel(commands);
    if (messages.length === 0) {
      this.#deps.marks.close(batch);
      return;
    }
    this.#parcels.push({ batch, messages });
    this.#wake.wake();
  }

  /** Acknowledges batches of results whose effects are on disk. */
  ack(receipts: readonly Receipt[]): void {
    this.#acks.push(...receipts);
    this.#wake.wake();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
    await Promise.all(this.#repairs);
  }

  /** A cancellation that gets lost costs work, not truth: the result of the attempt will be stale. */
  #cancel(commands: readonly { readonly command: Command; readonly run: string }[]): void {
    const cancels = commands.flatMap(({ command, run }) =>
      command.type === 'cancel-attempt' && command.worker !== undefined
        ? [{ worker: command.worker, reason: command.reason, attempt: { run, task: command.task, fence: command.fence } }]
        : [],
    );
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

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted || this.#parcels.length > 0) {
      if (this.#parcels.length === 0 && this.#acks.length === 0) await this.#wake.wait(Infinity, signal);
      this.#busy = true;
      await Promise.all([this.#sendTasks(), this.#sendAcks()]);
      this.#busy = false;
    }
  }

  async #sendTasks(): Promise<void> {
    const parcels = this.#parcels.splice(0);
    if (parcels.length === 0) return;
    const messages = parcels.flatMap((parcel) => parcel.messages);
    try {
      await this.#deps.transport.sendTasks(messages);
      for (const { batch } of parcels) this.#deps.marks.close(batch);
    } catch (error) {
      this.#deps.logger.warn(
        { err: error, tasks: messages.length },
        'tasks could not be sent; they are dispatched anew when the transport is back',
      );
      const repair = this.#repair(parcels, messages).finally(() => this.#repairs.delete(repair));
      this.#repairs.add(repair);
    }
  }

  async #repair(parcels: readonly Parcel[], messages: readonly TaskMessage[]): Promise<void> {
    const { signal } = this.#stop;
    while (!this.#deps.transport.up) {
      if (signal.aborted) return; // The batches stay open: whoever comes next finds them unpublished.
      await this.#deps.clock.sleep(RETRY_MS, signal).catch(() => undefined);
    }
    try {
      await this.#deps.undelivered(messages.map(({ run, task, fence }) => ({ run, task, fence })));
      for (const { batch } of parcels) this.#deps.marks.close(batch);
    } catch (error) {
      this.#deps.logger.warn({ err: error, tasks: messages.length }, 'unsent tasks are left to the sweeper');
    }
  }

  async #sendAcks(): Promise<void> {
    const receipts = this.#acks.splice(0);
    if (receipts.length === 0) return;
    try {
      await this.#deps.transport.ackResults(receipts);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.#deps.logger.debug({ err: error, batches: receipts.length }, 'results could not be acknowledged; trying again');
      this.#acks.push(...receipts);
      await this.#deps.clock.sleep(RETRY_MS, this.#stop.signal).catch(() => undefined);
    }
  }
}
