import { partitionOf } from '@mainstay/transport';
import type { Change } from '../pipeline/model.ts';
import type { MissingKind } from './engine.ts';
import { LostTasks, type LostTasksDeps, settled } from './lost-tasks.ts';
import { nextDue } from './next-due.ts';
import { Trouble } from './trouble.ts';
import { Wake } from './wake.ts';

export interface SweeperDeps extends Omit<LostTasksDeps, 'graceMs' | 'missingMs'> {
  readonly timing: SweeperTiming;
}

export interface SweeperTiming {
  /** Longest time between two looks at what is due, with other orchestrators; alone, {@link QUIET} times that: all due times are its own. */
  readonly dueMs: number;
  /** Between two looks at queued runs and at work that nobody has, while there is work; else {@link QUIET} times that. */
  readonly slowMs: number;
  /** After a change of epoch, so long are the workers given to say what they still run. */
  readonly graceMs: number;
  /** The longest time between two renewals of this orchestrator's entry. */
  readonly checkInMs: number;
  /** A dispatched task that no lane and no worker has for so long is dispatched anew. */
  readonly missingMs: number;
}

const PAGE = 500;
/** How many times rarer the looks are when nothing is to be expected. */
const QUIET = 5;

/** Finds in the store what no message announces: due times, free slots, and what a crash or a lost lane left undone. */
export class Sweeper {
  readonly #deps: SweeperDeps;
  readonly #wake: Wake;
  readonly #lost: LostTasks;
  readonly #stop = new AbortController();
  #loop: Promise<void> | undefined;
  /** Store time of the next thing that is known to become due. */
  #nextAt = Infinity;
  // Own monotonic times of the last looks.
  #dueLookAt = -Infinity;
  #slowAt = -Infinity;
  #thoroughAt = -Infinity;
  /** Something was written since the last slow look. */
  #busy = false;
  #admit = true;
  #resting = false;
  #checkedInAt = -Infinity;
  #checkedInMark = '';

  constructor(deps: SweeperDeps) {
    this.#deps = deps;
    this.#wake = new Wake(deps.clock);
    this.#lost = new LostTasks({ ...deps, ...deps.timing });
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  /** From now on nothing is begun or woken any more; what was lost is still found. */
  rest(): void {
    this.#resting = true;
  }

  missingKinds(): readonly MissingKind[] {
    return this.#lost.missingKinds;
  }

  /** Takes note of what was just written: earlier due times, freed slots. */
  noticed(changes: readonly Change[]): void {
    let next = this.#nextAt;
    for (const change of changes) {
      if (change.before.slot && !change.state.slot) this.#admit = true;
      next = Math.min(next, nextDue(change));
    }
    const wake = next < this.#nextAt || this.#admit || !this.expectsWork;
    this.#nextAt = next;
    if (!this.expectsWork) this.#slowAt = this.#deps.clock.monotonic();
    this.#busy = true;
    if (wake) this.#wake.wake();
  }

  /** Has all looks taken at once: somebody came or went, or the transport lost its content. */
  hurry(): void {
    this.#dueLookAt = -Infinity;
    this.#thoroughAt = -Infinity;
    this.#wake.wake();
  }

  /** Something was written of late, is outstanding, or may be from an earlier epoch. */
  get expectsWork(): boolean {
    return this.#busy || this.#lost.expected;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const { logger, clock, timing } = this.#deps;
    const trouble = new Trouble('the sweep', logger, clock);
    while (!signal.aborted) {
      let pause = 1;
      try {
        await this.#pass();
        trouble.worked();
      } catch (error) {
        trouble.failed(error);
        pause = timing.dueMs;
        this.#admit = true;
        this.#dueLookAt = -Infinity;
      }
      await this.#wake.wait(Math.max(pause, this.#untilNext()), signal); // Never in a hot loop.
    }
  }

  /** Milliseconds until the next look. */
  #untilNext(): number {
    const { store, clock, timing } = this.#deps;
    const now = clock.monotonic();
    const untilDue = this.#resting ? Infinity : Math.min(this.#nextAt - store.now(), this.#dueLookAt + this.#dueMs - now);
    const untilSlow = this.expectsWork ? this.#slowAt + timing.slowMs : this.#thoroughAt + QUIET * timing.slowMs;
    return Math.min(untilDue, untilSlow - now);
  }

  get #dueMs(): number {
    return this.#deps.members.alone ? QUIET * this.#deps.timing.dueMs : this.#deps.timing.dueMs;
  }

  async #pass(): Promise<void> {
    const { clock, store, timing } = this.#deps;
    if (!this.#resting) {
      if (this.#admit) await this.#admitQueued();
      if (this.#nextAt <= store.now() || clock.monotonic() - this.#dueLookAt >= this.#dueMs) await this.#applyDue();
    }
    const now = clock.monotonic();
    const thorough = now - this.#thoroughAt >= QUIET * timing.slowMs;
    if (!thorough && (!this.expectsWork || now - this.#slowAt < timing.slowMs)) return;
    await this.#slowPass(thorough);
    this.#slowAt = clock.monotonic();
    if (thorough) this.#thoroughAt = now;
  }

  async #slowPass(thorough: boolean): Promise<void> {
    this.#busy = false;
    await this.#checkIn();
    if (!this.#resting) await this.#admitQueued();
    if (thorough && !this.#resting) await this.#wakeSuspended();
    await this.#lost.look(thorough);
  }

  /** Renews this orchestrator's entry when its mark has moved, and now and then in any case. */
  async #checkIn(): Promise<void> {
    const { store, marks, clock, timing } = this.#deps;
    const mark = marks.current();
    const text = `${mark.published} ${mark.epoch}`;
    if (text === this.#checkedInMark && clock.monotonic() - this.#checkedInAt < timing.checkInMs) return;
    await store.checkIn(mark);
    this.#checkedInMark = text;
    this.#checkedInAt = clock.monotonic();
  }

  async #applyDue(): Promise<void> {
    const { store, applier, owns, clock } = this.#deps;
    this.#nextAt = Infinity;
    this.#dueLookAt = clock.monotonic();
    const { runs, nextAt } = await store.due(PAGE);
    this.#nextAt = Math.min(this.#nextAt, nextAt ?? Infinity);
    const own = runs.filter((run) => owns(partitionOf(run)));
    await this.#applyAll(own.flatMap((run) => [applier.apply(run, { type: 'start' }), applier.apply(run, { type: 'tick' })]));
    if (runs.length === PAGE && own.length > 0) this.#dueLookAt = -Infinity;
  }

  async #admitQueued(): Promise<void> {
    const { store, applier } = this.#deps;
    this.#admit = false;
    const runs = await store.admit(PAGE);
    await this.#applyAll(runs.map((run) => applier.apply(run, { type: 'start' })));
    if (runs.length < PAGE) return;
    this.#admit = true;
    this.#wake.wake();
  }

  async #wakeSuspended(): Promise<void> {
    const { store, applier } = this.#deps;
    for (;;) {
      const runs = await store.suspended(PAGE);
      await this.#applyAll(runs.map((run) => applier.apply(run, { type: 'wake' })));
      if (runs.length < PAGE) return;
    }
  }

  async #applyAll(applications: readonly Promise<unknown>[]): Promise<void> {
    await settled(applications, this.#deps.logger);
  }
}
