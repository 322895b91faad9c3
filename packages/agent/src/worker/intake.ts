import type { Delivery, Transport } from '@mainstay/transport';
import type { PriorityClass, TaskMessage } from '@mainstay/types';
import type { Clock } from '@mainstay/utils';
import type { TaskLog } from '../task-context.ts';
import { endOfRound } from './end-of-round.ts';
import type { Outbox } from './outbox.ts';
import type { ReadPlan, Slots } from './slots.ts';

const BLOCK_MS = 2_000;
/** While kinds at their own limit are left out, so that they are read soon after they have room again. */
const PARTIAL_BLOCK_MS = 100;
const RETRY_MS = 200;
/** An empty read that comes back faster than this did not wait. */
const TOO_FAST_MS = 5;
/** While more results than this wait to be sent, nothing is read. */
const MAX_HELD = 4_096;

interface IntakeParts {
  readonly transport: Transport;
  readonly slots: Slots;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly log: TaskLog;
  readonly accept: (delivery: Delivery<TaskMessage>) => void;
  /** False while this worker's lease has run out. */
  readonly mayRead: () => boolean;
  /** The lowest class that is read now. */
  readonly least: () => PriorityClass;
  readonly kinds: readonly string[];
}

/** Reads tasks while there is room, one read at a time, until the signal aborts. */
export class Intake {
  readonly #parts: IntakeParts;
  readonly #closing = new AbortController();
  #running: Promise<void> | undefined;
  /** A read failed: what the carrier gave us and we did not get must be looked for. */
  #missed = false;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#running ??= this.#loop();
  }

  /** Stops reading. What the last read still brings has been accepted when this resolves. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #loop(): Promise<void> {
    const { slots, outbox, mayRead } = this.#parts;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const rests = outbox.size > MAX_HELD || !mayRead();
      const plan = rests ? undefined : slots.plan(false);
      if (plan === undefined) await (rests ? this.#pause(RETRY_MS) : slots.freed(signal));
      else await this.#turn(plan);
    }
  }

  async #turn(plan: ReadPlan): Promise<void> {
    const { log, transport } = this.#parts;
    try {
      if (this.#missed) await this.#recover();
      const count = await this.#read(plan, plan.partial ? PARTIAL_BLOCK_MS : BLOCK_MS);
      if (count < plan.max) return;
      // a kind with little room made this read small
      const rest = this.#parts.slots.plan(true);
      if (rest?.partial) await this.#read(rest, 0);
    } catch (error) {
      if (!this.#missed) log.warn({ err: error, up: transport.up }, 'tasks cannot be read now');
      this.#missed = true;
      await this.#pause(RETRY_MS);
    }
  }

  async #read({ kinds, max }: ReadPlan, blockMs: number): Promise<number> {
    const { transport, clock, accept, least } = this.#parts;
    const { signal } = this.#closing;
    const begun = clock.monotonic();
    const deliveries = await transport.receiveTasks({ kinds, max, blockMs, signal, least: least() });
    for (const delivery of deliveries) accept(delivery);
    // what ends at once is sent before more is read, and its places can be filled
    if (deliveries.length > 0) await endOfRound();
    if (deliveries.length === 0 && blockMs > 0 && clock.monotonic() - begun < TOO_FAST_MS) await this.#pause(TOO_FAST_MS);
    return deliveries.length;
  }

  /** A reply that was lost on its way left its tasks pending with us. The ledger knows those that are in hand. */
  async #recover(): Promise<void> {
    const { transport, kinds, accept, log } = this.#parts;
    const pending = await transport.pendingTasksOf(transport.name, kinds);
    this.#missed = false;
    log.info({ pending: pending.length }, 'tasks can be read again');
    for (const delivery of pending) accept(delivery);
  }

  async #pause(ms: number): Promise<void> {
    await this.#parts.clock.sleep(ms, this.#closing.signal).catch(() => undefined);
  }
}
