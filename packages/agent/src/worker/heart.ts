import { hostname } from 'node:os';
import { type AgentOffer, type AttemptRef, type Heartbeat, MESSAGE_VERSION } from '@mainstay/types';
import { type Clock, residentBytes, type TimerHandle } from '@mainstay/utils';
import { agentOffer } from '../agent-offer.ts';
import type { Deadlines } from './deadlines.ts';
import type { WorkerPlan } from './worker-options.ts';

/** Heartbeats that carry the offers without being asked. */
const INTRODUCTIONS = 3;
/** The most attempts that a heartbeat can name. */
const MAX_RUNNING = 10_000;
/** And the most emergencies. */
const MAX_EMERGENCIES = 20;

interface HeartParts {
  readonly plan: WorkerPlan;
  readonly deadlines: Deadlines;
  readonly state: () => { readonly running: readonly AttemptRef[]; readonly draining: boolean };
  /** No heartbeat got through for the length of the lease. */
  readonly onLeaseLost: () => void;
}

/** Tells the orchestrators that this worker lives and what it holds. */
export class Heart {
  readonly #parts: HeartParts;
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #host: string;
  readonly #kinds: readonly string[];
  readonly #offers: readonly AgentOffer[];
  #introductions = INTRODUCTIONS;
  #timer: TimerHandle | undefined;
  #lease: Disposable | undefined;
  #leased = false;
  #beating = false;
  #again = false;
  #closed = false;

  constructor(parts: HeartParts) {
    this.#parts = parts;
    this.#clock = parts.plan.clock;
    this.#startedAt = this.#clock.now();
    this.#host = (parts.plan.host ?? hostname()).slice(0, 255);
    this.#kinds = parts.plan.agents.map(({ kind }) => kind);
    this.#offers = parts.plan.agents.map(agentOffer);
  }

  /** The first heartbeat; rejects when it cannot be sent. */
  async start(): Promise<void> {
    await this.#send();
    this.#schedule();
  }

  /** A heartbeat got through within the length of the lease: others may rely on this worker, and it may begin work. */
  get leased(): boolean {
    return this.#leased;
  }

  /** An extra heartbeat now, with the offers if asked. */
  beat(introduce = false): void {
    if (introduce) this.#introductions = Math.max(this.#introductions, 1);
    void this.#try();
  }

  close(): void {
    this.#closed = true;
    this.#clock.clearTimeout(this.#timer);
    this.#lease?.[Symbol.dispose]();
  }

  #schedule(): void {
    if (this.#closed) return;
    this.#timer = this.#clock.setTimeout(() => {
      this.#schedule();
      void this.#try();
    }, this.#parts.plan.heartbeatMs);
  }

  /** One at a time; one that is asked for meanwhile follows. */
  async #try(): Promise<void> {
    this.#again = this.#beating;
    if (this.#beating || this.#closed) return;
    this.#beating = true;
    try {
      await this.#send();
    } catch (error) {
      this.#parts.plan.logger.debug({ err: error }, 'a heartbeat could not be sent');
    }
    this.#beating = false;
    if (this.#again) void this.#try();
  }

  async #send(): Promise<void> {
    const { plan, deadlines } = this.#parts;
    const begun = this.#clock.monotonic();
    const introduces = this.#introductions > 0;
    await plan.transport.publish('orchestrators', this.#heartbeat(introduces));
    if (introduces) this.#introductions -= 1;
    if (this.#closed) return;
    this.#lease?.[Symbol.dispose]();
    this.#lease = deadlines.in(Math.max(1, begun + plan.leaseMs - this.#clock.monotonic()), this.#onLeaseOver);
    this.#leased = true;
  }

  readonly #onLeaseOver = (): void => {
    this.#leased = false;
    this.#parts.onLeaseLost();
  };

  #heartbeat(introduces: boolean): Heartbeat {
    const { plan, state } = this.#parts;
    const { running, draining } = state();
    const emergencies = plan.emergencies();
    return {
      v: MESSAGE_VERSION,
      type: 'heartbeat',
      worker: plan.transport.name,
      host: this.#host,
      pid: process.pid,
      version: plan.version.slice(0, 64),
      startedAt: this.#startedAt,
      capacity: plan.capacity,
      running: running.slice(0, MAX_RUNNING),
      draining,
      rssBytes: residentBytes(),
      kinds: [...this.#kinds],
      ...(introduces ? { offers: [...this.#offers] } : {}),
      ...(emergencies.length === 0 ? {} : { emergencies: emergencies.slice(-MAX_EMERGENCIES) }),
    };
  }
}
