import { type Clock, sleepOn, type TimerHandle } from '@mainstay/utils';
import type { Planned, Scheduler } from './scheduler.ts';

/** Store time at the beginning of a simulation: 2026-01-01T00:00:00Z. */
export const START_MS = 1_767_225_600_000;

export interface MachineOptions {
  readonly name: string;
  /** How much faster than true time its clocks run; 0.001 is a thousandth. */
  readonly drift: number;
  /** How far its wall clock is wrong, in milliseconds. */
  readonly wallOffsetMs: number;
}

/**
 * A process with clocks of its own. A paused one (SIGSTOP) does nothing, and does what came meanwhile when it goes on; a
 * killed one never does anything again: what it waits for never comes.
 */
export class Machine {
  readonly name: string;
  readonly clock: Clock;
  /** Added to the wall clock. */
  wallOffsetMs: number;
  readonly #scheduler: Scheduler;
  readonly #drift: number;
  readonly #bornAt: number;
  #alive = true;
  #paused = false;
  #resumedAt = 0;
  #held: (() => void)[] = [];
  #timers = 0;

  constructor(scheduler: Scheduler, { name, drift, wallOffsetMs }: MachineOptions) {
    this.name = name;
    this.#scheduler = scheduler;
    this.#drift = 1 + drift;
    this.#bornAt = scheduler.now;
    this.wallOffsetMs = wallOffsetMs;
    this.clock = {
      now: () => Math.floor(START_MS + this.wallOffsetMs + scheduler.now * this.#drift),
      monotonic: () => 1_000_000 + (scheduler.now - this.#bornAt) * this.#drift,
      setTimeout: (fn, ms) => this.#setTimeout(fn, ms),
      clearTimeout: (handle) => handle?.[Symbol.dispose](),
      sleep: (ms, signal) => sleepOn(this.clock, ms, signal),
    };
  }

  get alive(): boolean {
    return this.#alive;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Timers that are set. */
  get timers(): number {
    return this.#timers;
  }

  /** Milliseconds of true time since it went on after a pause. */
  get awakeMs(): number {
    return this.#scheduler.now - this.#resumedAt;
  }

  /** Something reaches the process. */
  deliver(run: () => void): void {
    if (!this.#alive) return;
    if (this.#paused) this.#held.push(run);
    else run();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#resumedAt = this.#scheduler.now;
    const held = this.#held;
    this.#held = [];
    held.forEach((run, index) =>
      this.#scheduler.in(index * 0.001, 'held', () => {
        this.deliver(run);
      }),
    );
  }

  kill(): void {
    this.#alive = false;
    this.#held = [];
  }

  #setTimeout(fn: () => void, ms: number): TimerHandle {
    this.#timers++;
    let waits = true;
    const end = (): void => {
      if (waits) this.#timers--;
      waits = false;
    };
    const planned: Planned = this.#scheduler.in(Math.max(0.001, ms / this.#drift), 'timer', () => {
      this.deliver(() => {
        if (!waits) return;
        end();
        fn();
      });
    });
    const handle: TimerHandle = {
      unref: () => handle,
      [Symbol.dispose]: () => {
        end();
        planned.cancelled = true;
      },
    };
    return handle;
  }
}
