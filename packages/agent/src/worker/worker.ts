import { PRIORITY_ORDER } from '@mainstay/transport';
import {
  AgentError,
  type AttemptRef,
  CancelledError,
  type ControlMessage,
  type PriorityClass,
  type TaskMessage,
  TimeoutError,
} from '@mainstay/types';
import { AbortScope } from '@mainstay/utils';
import type { Attempt } from '../attempt/attempt.ts';
import type { Stop } from '../attempt/stop.ts';
import { Deadlines } from './deadlines.ts';
import { Heart } from './heart.ts';
import { Intake } from './intake.ts';
import { Ledger } from './ledger.ts';
import { Outbox } from './outbox.ts';
import { Runner } from './runner.ts';
import { Slots } from './slots.ts';
import { type WorkerOptions, type WorkerPlan, workerPlan } from './worker-options.ts';

/** Hosts agents: reads tasks of their kinds, runs them, and tells how they ended. */
export interface Worker {
  /** Starts the agents, sends the first heartbeat and begins to read. The transport must be started. */
  start(): Promise<void>;
  /**
   * Stops reading and lets attempts end for the grace period, or until the signal aborts; then hands back those that
   * are left, with their checkpoints. Resolves when everything has been told, at the latest two `abortGraceMs` later.
   */
  drain(deadline?: AbortSignal): Promise<void>;
  /** Ends everything at once; attempts that run are aborted and nothing is told of them. Call {@link drain} before. Idempotent. */
  stop(): Promise<void>;
  /** Takes only tasks of this class and higher ones from now on; `low` takes all again. What runs goes on. */
  takeOnly(least: PriorityClass): void;
  /** Hands back attempts of lower classes than this, which costs them no try: others take them. How many there were. */
  handBack(least: PriorityClass, why: string): number;
  /** Lowers the number of attempts at once, never below 1 nor above the capacity. What runs goes on. */
  limit(attempts: number): void;
  /** Attempts that this worker answers for: those that run, and those whose results have not left yet. */
  running(): readonly AttemptRef[];
}

/** @throws ConfigurationError `CONFIG_INVALID` that names the wrong option. */
export function createWorker(options: WorkerOptions): Worker {
  return new TaskWorker(workerPlan(options));
}

class TaskWorker implements Worker {
  readonly #plan: WorkerPlan;
  readonly #deadlines: Deadlines;
  readonly #outbox: Outbox;
  readonly #runner: Runner;
  readonly #intake: Intake;
  readonly #heart: Heart;
  readonly #slots: Slots;
  readonly #life = new AbortController();
  #least: PriorityClass = 'low';
  #unsubscribe: (() => void) | undefined;
  #drained: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  constructor(plan: WorkerPlan) {
    const { transport, clock, logger: log, agents } = plan;
    const ledger = new Ledger();
    const slots = (this.#slots = new Slots(plan.capacity, agents));
    this.#plan = plan;
    this.#deadlines = new Deadlines(clock);
    this.#outbox = new Outbox({
      transport,
      clock,
      log,
      onAcknowledged: (receipt) => {
        ledger.release(receipt);
      },
    });
    const wanted = ({ priority }: TaskMessage): boolean => this.#least === 'low' || !isBelow(priority, this.#least);
    const mayBegin = (task: TaskMessage): boolean => this.#heart.leased && wanted(task);
    this.#runner = new Runner({ plan, outbox: this.#outbox, deadlines: this.#deadlines, ledger, slots, mayBegin });
    this.#intake = new Intake({
      transport,
      slots,
      outbox: this.#outbox,
      clock,
      log,
      kinds: agents.map(({ kind }) => kind),
      mayRead: () => this.#heart.leased,
      least: () => this.#least,
      accept: (delivery) => {
        this.#runner.accept(delivery);
      },
    });
    this.#heart = new Heart({
      plan,
      deadlines: this.#deadlines,
      state: () => ({ running: this.running(), draining: this.#runner.draining.aborted }),
      onLeaseLost: () => {
        this.#loseLease();
      },
    });
  }

  running(): readonly AttemptRef[] {
    return [...this.#runner.attempts().map(({ ref }) => ref), ...this.#outbox.refs()];
  }

  takeOnly(least: PriorityClass): void {
    this.#least = least;
  }

  handBack(least: PriorityClass, why: string): number {
    const lower = this.#runner.attempts().filter(({ task }) => isBelow(task.priority, least));
    for (const attempt of lower) this.#runner.stop(attempt, handBack(why, true));
    return lower.length;
  }

  limit(attempts: number): void {
    this.#slots.limit(attempts);
  }

  async start(): Promise<void> {
    const { agents, transport } = this.#plan;
    this.#unsubscribe = transport.onControl((message) => {
      this.#onControl(message);
    });
    try {
      await Promise.all(agents.map(async (agent) => agent.start?.(this.#life.signal)));
      await this.#heart.start();
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#intake.start();
  }

  drain(deadline: AbortSignal = new AbortController().signal): Promise<void> {
    this.#drained ??= this.#drain(deadline);
    return this.#drained;
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #drain(deadline: AbortSignal): Promise<void> {
    const { graceMs, abortGraceMs, logger } = this.#plan;
    this.#runner.beginDraining();
    this.#heart.beat();
    const reading = this.#intake.close();
    await this.#within(graceMs, deadline, (signal) => this.#runner.quiet(signal));
    const left = this.#runner.attempts();
    if (left.length > 0) logger.warn({ attempts: left.length }, 'attempts that did not end in time are handed back');
    for (const attempt of left) this.#runner.stop(attempt, handBack('The worker shuts down', true));
    await this.#within(abortGraceMs, undefined, (signal) => this.#runner.quiet(signal));
    this.#runner.giveUp();
    await this.#within(abortGraceMs, undefined, async (signal) => {
      await Promise.all([reading, this.#outbox.empty(signal)]);
      await this.#outbox.empty(signal);
    });
  }

  async #stop(): Promise<void> {
    this.#unsubscribe?.();
    this.#life.abort(new CancelledError('SUSPENDED', 'The worker stops'));
    this.#outbox.close();
    this.#runner.beginDraining();
    for (const attempt of this.#runner.attempts()) this.#runner.stop(attempt, { kind: 'lost' });
    this.#heart.close();
    await this.#intake.close();
    this.#deadlines.close();
    this.#runner.close();
    await Promise.all(this.#plan.agents.map(async (agent) => agent.stop?.()));
  }

  #onControl(message: ControlMessage): void {
    // one that tells of an emergency asks for nothing
    if (message.type === 'hello' && isPlain(message)) this.#heart.beat(true);
    else if (message.type === 'cancel') this.#runner.stopAll(message.attempts, (attempt) => stopFor(message.reason, attempt));
  }

  /**
   * The orchestrators may believe us dead by now. The work is aborted and handed back: whichever comes first, their
   * taking back or our handing back, the other is dropped for its old fence.
   */
  #loseLease(): void {
    const left = this.#runner.attempts();
    if (left.length === 0) return;
    this.#plan.logger.warn({ attempts: left.length, leaseMs: this.#plan.leaseMs }, 'no heartbeat got through; the attempts are aborted');
    const error = new AgentError('LEASE_LOST', `No heartbeat got through for ${this.#plan.leaseMs} ms`);
    for (const attempt of left) this.#runner.stop(attempt, { kind: 'suspended', keepsOutput: false, error });
  }

  /** Gives `fn` so long, and not longer than the signal. */
  async #within(ms: number, signal: AbortSignal | undefined, fn: (signal: AbortSignal) => Promise<void>): Promise<void> {
    using scope = new AbortScope(signal);
    const end = this.#deadlines.in(ms, () => {
      scope.abort(new TimeoutError('OPERATION_TIMEOUT', `${ms} ms are over`));
    });
    try {
      await fn(scope.signal);
    } finally {
      end[Symbol.dispose]();
    }
  }
}

/** Says nothing but that one is to introduce oneself. */
function isPlain({ emergency, level, ask, reply }: Extract<ControlMessage, { type: 'hello' }>): boolean {
  return emergency === undefined && level === undefined && ask === undefined && reply === undefined;
}

function isBelow(priority: PriorityClass, least: PriorityClass): boolean {
  return PRIORITY_ORDER.indexOf(priority) > PRIORITY_ORDER.indexOf(least);
}

function handBack(why: string, keepsOutput: boolean): Stop {
  return { kind: 'suspended', keepsOutput, error: new CancelledError('SUSPENDED', why) };
}

function stopFor(reason: Extract<ControlMessage, { type: 'cancel' }>['reason'], attempt: Attempt): Stop {
  switch (reason) {
    case 'cancelled':
      return { kind: 'cancelled' };
    case 'lease-lost':
      return { kind: 'lost' };
    case 'deadline':
      return { kind: 'timeout', error: new TimeoutError('DEADLINE_EXCEEDED', `The deadline of task ${attempt.task.task} has passed`) };
  }
}
