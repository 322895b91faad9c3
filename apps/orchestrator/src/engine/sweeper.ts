import type { Logger } from '@mainstay/observability';
import { partitionOf, type Transport } from '@mainstay/transport';
import type { Clock } from '@mainstay/utils';
import { dueAt, type Change } from '../pipeline/model.ts';
import type { AttemptRow, Store } from '../store/store.ts';
import type { Applier } from './applier.ts';
import type { MissingKind } from './engine.ts';
import type { Epochs } from './epochs.ts';
import type { Marks } from './marks.ts';
import { attemptKey, type Members } from './members.ts';
import { Trouble } from './trouble.ts';
import { Wake } from './wake.ts';

export interface SweeperDeps {
  readonly store: Store;
  readonly transport: Transport;
  readonly applier: Applier;
  readonly members: Members;
  readonly marks: Marks;
  readonly epochs: Epochs;
  /** Whether runs of a partition are this orchestrator's to look after. */
  readonly owns: (partition: number) => boolean;
  readonly onRedispatched: (reason: 'epoch' | 'unpublished' | 'missing', tasks: number) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timing: SweeperTiming;
}

export interface SweeperTiming {
  /** Longest time between two looks at what is due. */
  readonly dueMs: number;
  /** Between two looks at what is rare: suspended and queued runs, other orchestrators, work that nobody has. */
  readonly slowMs: number;
  /** After a change of epoch, so long are the workers given to say what they still run. */
  readonly graceMs: number;
  /** The longest time between two renewals of this orchestrator's entry. */
  readonly checkInMs: number;
  /** A dispatched task that no lane and no worker has for so long is dispatched anew. */
  readonly missingMs: number;
}

const PAGE = 500;

/** Finds in the store what no message announces: due times, free slots, and what a crash or a lost lane left undone. */
export class Sweeper {
  readonly #deps: SweeperDeps;
  readonly #wake: Wake;
  readonly #stop = new AbortController();
  #loop: Promise<void> | undefined;
  /** Store time of the next thing that is known to become due. */
  #nextAt = Infinity;
  #slowAt = -Infinity;
  #admit = true;
  #resting = false;
  #missing: readonly MissingKind[] = [];
  /** Attempts that nobody seemed to have at the last look. */
  #suspects: ReadonlySet<string> = new Set();
  #checkedInAt = -Infinity;
  #checkedInMark = '';

  constructor(deps: SweeperDeps) {
    this.#deps = deps;
    this.#wake = new Wake(deps.clock);
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
    return this.#missing;
  }

  /** Takes note of what was just written: earlier due times, freed slots. */
  noticed(changes: readonly Change[]): void {
    let next = this.#nextAt;
    for (const { before, state } of changes) {
      if (before.slot && !state.slot) this.#admit = true;
      next = Math.min(next, dueAt(state) ?? Infinity);
    }
    if (next < this.#nextAt || this.#admit) {
      this.#nextAt = next;
      this.#wake.wake();
    }
  }

  /** Has the rare looks taken at once. */
  hurry(): void {
    this.#slowAt = -Infinity;
    this.#wake.wake();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const { store, timing, logger, clock } = this.#deps;
    const trouble = new Trouble('the sweep', logger, clock);
    while (!signal.aborted) {
      try {
        await this.#pass();
        trouble.worked();
      } catch (error) {
        trouble.failed(error);
      }
      const untilDue = this.#nextAt === Infinity ? timing.dueMs : this.#nextAt - store.now();
      await this.#wake.wait(Math.min(timing.dueMs, Math.max(untilDue, 1)), signal);
    }
  }

  async #pass(): Promise<void> {
    const { clock, timing } = this.#deps;
    if (!this.#resting) {
      if (this.#admit) await this.#admitQueued();
      await this.#applyDue();
    }
    if (clock.monotonic() - this.#slowAt < timing.slowMs) return;
    this.#slowAt = clock.monotonic();
    await this.#slowPass();
  }

  async #slowPass(): Promise<void> {
    await this.#checkIn();
    this.#admit = true;
    if (!this.#resting) await this.#wakeSuspended();
    await this.#adoptUnpublished();
    await this.#redispatchLostEpochs();
    await this.#lookForMissing();
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
    const { store, applier, owns } = this.#deps;
    this.#nextAt = Infinity;
    const { runs, nextAt } = await store.due(PAGE);
    this.#nextAt = Math.min(this.#nextAt, nextAt ?? Infinity);
    const own = runs.filter((run) => owns(partitionOf(run)));
    await this.#applyAll(own.flatMap((run) => [applier.apply(run, { type: 'start' }), applier.apply(run, { type: 'tick' })]));
    if (runs.length === PAGE && own.length > 0) this.#wake.wake();
  }

  async #admitQueued(): Promise<void> {
    const { store, applier } = this.#deps;
    this.#admit = false;
    const runs = await store.admit(PAGE);
    await this.#applyAll(runs.map((run) => applier.apply(run, { type: 'start' })));
    if (runs.length === PAGE) this.#admit = true;
  }

  async #wakeSuspended(): Promise<void> {
    const { store, applier } = this.#deps;
    for (;;) {
      const runs = await store.suspended(PAGE);
      await this.#applyAll(runs.map((run) => applier.apply(run, { type: 'wake' })));
      if (runs.length < PAGE) return;
    }
  }

  /** Orchestrators on record that are gone: what they committed and did not publish for certain. */
  async #adoptUnpublished(): Promise<void> {
    const { store, members, transport } = this.#deps;
    if (!transport.up) return;
    const strangers = (await store.orchestrators()).filter((name) => !members.isOrchestrator(name));
    if (strangers.length === 0) return;
    const present = await transport.present([members.self, ...strangers]);
    if (!present.has(members.self)) return;
    const dead = strangers.filter((name) => !present.has(name));
    if (dead.length === 0) return;
    await this.#redispatch('unpublished', () => store.unpublished(dead, PAGE));
    for (const name of dead) await store.checkOut(name);
  }

  /** What was sent in an earlier epoch and no live worker says it has. */
  async #redispatchLostEpochs(): Promise<void> {
    const { store, marks, epochs, members, timing, transport } = this.#deps;
    const age = epochs.ageMs();
    if (age === undefined || age < timing.graceMs || !transport.up) return;
    const running = members.runningAttempts();
    const attempts = await store.ofOtherEpochs(marks.epoch, 20 * PAGE);
    await this.#undelivered(
      'epoch',
      attempts.filter((attempt) => !running.has(attemptKey(attempt))),
    );
  }

  /**
   * The last resort against losses that nothing else notices (a fail-over to a replica that lagged, a refused result):
   * when the lanes of a kind hold nothing unread, each dispatched task must be with a live worker.
   */
  async #lookForMissing(): Promise<void> {
    const { store, transport, members, timing } = this.#deps;
    const outstanding = await store.outstanding();
    const live = members.liveKinds();
    this.#missing = outstanding.flatMap(({ agent, dispatched, oldestAt }) =>
      dispatched > 0 && !live.has(agent) ? [{ agent, waiting: dispatched, since: oldestAt ?? store.now() }] : [],
    );
    const before = store.now() - timing.missingMs;
    const suspicious = outstanding.filter(({ oldestAt }) => oldestAt !== undefined && oldestAt < before).map(({ agent }) => agent);
    const missing = suspicious.length === 0 || !transport.up ? [] : await this.#withNobody(suspicious, before);
    await this.#undelivered(
      'missing',
      missing.filter((attempt) => this.#suspects.has(attemptKey(attempt))),
    );
    this.#suspects = new Set(missing.map(attemptKey));
  }

  /** Old dispatches of kinds without unread tasks that no live worker says it has. A worker may have read one just now: two looks must agree. */
  async #withNobody(agents: readonly string[], before: number): Promise<AttemptRow[]> {
    const { store, transport, members } = this.#deps;
    const depths = await transport.depths(agents);
    const attempts: AttemptRow[] = [];
    for (const agent of agents)
      if ((depths.get(agent)?.waiting ?? 0) === 0) attempts.push(...(await store.dispatchedBefore(agent, before, PAGE)));
    const running = members.runningAttempts();
    return attempts.filter((attempt) => !running.has(attemptKey(attempt)));
  }

  async #redispatch(reason: 'unpublished', next: () => Promise<readonly AttemptRow[]>): Promise<void> {
    for (;;) {
      const attempts = await next();
      await this.#undelivered(reason, attempts);
      if (attempts.length < PAGE) return;
    }
  }

  async #undelivered(reason: 'epoch' | 'unpublished' | 'missing', attempts: readonly AttemptRow[]): Promise<void> {
    if (attempts.length === 0) return;
    const { applier, logger, onRedispatched } = this.#deps;
    await this.#applyAll(attempts.map(({ run, task, fence }) => applier.apply(run, { type: 'undelivered', task, fence })));
    logger.warn({ reason, tasks: attempts.length }, 'tasks were dispatched anew');
    onRedispatched(reason, attempts.length);
  }

  async #applyAll(applications: readonly Promise<unknown>[]): Promise<void> {
    for (const outcome of await Promise.allSettled(applications)) {
      if (outcome.status === 'rejected') this.#deps.logger.warn({ err: outcome.reason }, 'the sweeper could not apply an input');
    }
  }
}
