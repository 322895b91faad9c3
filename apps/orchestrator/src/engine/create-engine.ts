import type { Logger } from '@mainstay/observability';
import { partitionOf, PARTITIONS, type Transport } from '@mainstay/transport';
import { type AgentOffer, type AttemptRef, type ControlMessage, isUuid, MESSAGE_VERSION, NotFoundError, uuidv7 } from '@mainstay/types';
import { type Clock, systemClock, type TimerHandle } from '@mainstay/utils';
import type { Change, RunState, TransitionContext } from '../pipeline/model.ts';
import { transition } from '../pipeline/transition.ts';
import type { Store } from '../store/store.ts';
import { refusal } from './act.ts';
import { AgentSchemas } from './agent-schemas.ts';
import { Applier } from './applier.ts';
import { Dispatcher } from './dispatcher.ts';
import type { Engine, MissingKind, Submission, Submitted, UserInput, WorkerInfo } from './engine.ts';
import { engineMetrics, type EngineMetrics } from './engine-metrics.ts';
import { type EngineConfig, engineDefaults, type EngineOptions } from './engine-options.ts';
import { Epochs } from './epochs.ts';
import { Intake } from './intake.ts';
import { Marks } from './marks.ts';
import { Members } from './members.ts';
import { Pipelines } from './pipelines.ts';
import { Reclaimer } from './reclaimer.ts';
import { partitionsOf } from './rendezvous.ts';
import { ResultsLoop } from './results-loop.ts';
import { RunCache } from './run-cache.ts';
import { Sweeper } from './sweeper.ts';
import { Trouble } from './trouble.ts';
import { Watchers } from './watchers.ts';

/** The engine with its life: what the process that hosts it needs. */
export interface HostedEngine extends Engine {
  start(): Promise<void>;
  /**
   * Stops intake and gives work away. With other orchestrators it only finishes what it has begun; as the last one it
   * suspends all runs and takes in what workers hand back, until they have nothing more or the signal aborts.
   */
  drain(deadline: AbortSignal): Promise<void>;
  stop(): Promise<void>;
  /** To be called by whoever made the transport, when its connection is back. */
  transportUp(): void;
}

export function createEngine(options: EngineOptions): HostedEngine {
  return new MainstayEngine(options);
}

const DRAIN_POLL_MS = 50;
const TAKE_OVER_MAX = 200;
const SUSPEND_PAGE = 500;
const UNPUBLISHED_MAX = 10_000;

class MainstayEngine implements HostedEngine {
  readonly name: string;
  readonly #store: Store;
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #config: EngineConfig;
  readonly #metrics: EngineMetrics;
  readonly #members: Members;
  readonly #marks: Marks;
  readonly #watchers = new Watchers();
  readonly #pipelines: Pipelines;
  readonly #cache: RunCache;
  readonly #schemas: AgentSchemas;
  readonly #epochs: Epochs;
  readonly #applier: Applier;
  readonly #dispatcher: Dispatcher;
  readonly #intake: Intake;
  readonly #results: ResultsLoop;
  readonly #sweeper: Sweeper;
  readonly #reclaimer: Reclaimer;
  readonly #random: () => number;
  readonly #newId: () => string;
  readonly #stop = new AbortController();
  readonly #startedAt: number;
  /** Batches whose commit failed with an unknown outcome. */
  readonly #uncertain = new Set<number>();
  #settling: Promise<void> | undefined;
  #partitions: readonly number[] = [];
  #draining = false;
  #loops: Promise<void>[] = [];
  #unsubscribe: (() => void) | undefined;
  #graceTimer: TimerHandle | undefined;
  #knownKinds = new Set<string>();
  /** Own monotonic time before which absence proves nothing: the connection has just been made. */
  #settledAt = 0;
  /** Own monotonic time of the last look at presence. */
  #watchedAt = 0;

  constructor(options: EngineOptions) {
    const { store, transport, logger } = options;
    const clock = options.clock ?? systemClock;
    const config = { ...engineDefaults, ...options.config };
    this.name = transport.name;
    this.#store = store;
    this.#transport = transport;
    this.#clock = clock;
    this.#logger = logger;
    this.#config = config;
    this.#random = options.random ?? Math.random;
    this.#newId = options.newId ?? (() => uuidv7());
    this.#startedAt = clock.now();
    this.#metrics = engineMetrics(options.metrics);
    this.#members = new Members({ self: this.name, leaseMs: config.leaseMs, absentMs: config.absentMs });
    this.#marks = new Marks(this.name);
    this.#pipelines = new Pipelines(store);
    this.#cache = new RunCache(config.maxCachedRuns);
    this.#schemas = new AgentSchemas(
      () => this.#members.offers(),
      (kind, error) => {
        logger.warn({ err: error, kind }, 'the schema of an agent cannot be used here; its worker enforces it alone');
      },
    );
    const marks = this.#marks;
    const common = { store, pipelines: this.#pipelines, marks, clock, logger, maxBatch: config.maxBatch, context: () => this.#context() };
    const written = (changes: readonly Change[], batch: number): void => {
      this.#written(changes, batch);
    };
    const onUncertain = (batch: number): void => {
      this.#uncertain.add(batch);
      this.#settling ??= this.#settleUncertain().finally(() => (this.#settling = undefined));
    };
    this.#applier = new Applier({
      ...common,
      cache: this.#cache,
      transition: options.transition ?? transition,
      onChanges: written,
      onUncertain,
      onBatch: (inputs, _changes, commitMs) => {
        this.#metrics.batch(inputs, commitMs);
      },
    });
    this.#intake = new Intake({ ...common, maxWaiting: config.maxWaiting, onCreated: written, onUncertain });
    this.#dispatcher = new Dispatcher({ transport, marks, clock, logger, undelivered: (attempts) => this.#undelivered(attempts) });
    this.#results = new ResultsLoop({
      transport,
      applier: this.#applier,
      partitions: () => this.#partitions,
      ack: (receipts) => {
        this.#dispatcher.ack(receipts);
      },
      onStale: () => {
        this.#metrics.stale();
      },
      clock,
      logger,
      maxBacklog: config.maxBacklog,
    });
    this.#epochs = new Epochs({ transport, store, marks, newId: this.#newId, clock, logger });
    this.#reclaimer = new Reclaimer({
      self: this.name,
      transport,
      members: this.#members,
      applier: this.#applier,
      onReclaimed: (reason, tasks) => {
        this.#metrics.reclaimed(reason, tasks);
      },
      logger,
    });
    this.#sweeper = new Sweeper({
      store,
      transport,
      applier: this.#applier,
      members: this.#members,
      marks,
      epochs: this.#epochs,
      owns: (partition) => this.#partitions.includes(partition),
      onRedispatched: (reason, tasks) => {
        this.#metrics.redispatched(reason, tasks);
      },
      clock,
      logger,
      timing: { dueMs: config.dueMs, slowMs: config.slowMs, graceMs: config.graceMs, missingMs: config.missingMs, checkInMs: 30_000 },
    });
  }

  // ── life ──

  /** The store and the transport are started already. */
  async start(): Promise<void> {
    this.#unsubscribe = this.#transport.onControl((message) => {
      this.#control(message);
    });
    this.#knownKinds = new Set(await this.#store.knownKinds());
    await this.#epochs.check();
    await this.#store.checkIn(this.#marks.current());
    this.transportUp();
    this.#deal();
    this.#applier.start();
    this.#dispatcher.start();
    this.#intake.start();
    this.#results.start();
    this.#sweeper.start();
    this.#loops = [
      this.#every(this.#config.presenceMs, 'the presence check', () => this.#watch()),
      this.#every(this.#config.heartbeatMs, 'the sign of life', () => this.#announce()),
      this.#every(this.#config.slowMs, 'the look for unknown readers', () => this.#lookAround()),
    ];
    await this.#transport.publish('workers', { v: MESSAGE_VERSION, type: 'hello', from: this.name });
  }

  transportUp(): void {
    const now = this.#clock.monotonic();
    this.#settledAt = now + this.#config.graceMs;
    this.#members.renewTerms(now + this.#config.graceMs);
    this.#watchers.notifyAll();
  }

  async drain(deadline: AbortSignal): Promise<void> {
    this.#draining = true;
    this.#intake.close();
    this.#sweeper.rest();
    await this.#until(() => this.#intake.idle, deadline);
    await this.#announce().catch(() => undefined);
    if (this.#members.orchestrators(true).length === 0) await this.#suspendAll(deadline);
    await this.#until(() => this.#applier.idle && this.#dispatcher.idle && this.#results.open === 0, deadline);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#clock.clearTimeout(this.#graceTimer);
    this.#unsubscribe?.();
    await this.#results.stop();
    await this.#intake.stop();
    // Ends the waits of all others for a store that is away: they must not be waited for before.
    await this.#applier.stop();
    await this.#sweeper.stop();
    await Promise.all([...this.#loops, this.#settling]);
    await this.#dispatcher.stop();
    await this.#leave();
  }

  // ── for users ──

  submit(submission: Submission): Promise<Submitted> {
    return this.#intake.submit(submission);
  }

  async act(tenant: string, run: string, input: UserInput): Promise<RunState> {
    const known = isUuid(run) ? (this.#cache.get(run) ?? (await this.#store.load([run])).get(run)) : undefined;
    if (known?.tenant !== tenant) throw new NotFoundError('RUN_NOT_FOUND', `There is no run ${run}`, { details: { run } });
    const { verdict, state } = await this.#applier.apply(run, input, false);
    if (!verdict.taken) throw await refusal(this.#store, tenant, run, input, verdict);
    return state;
  }

  workers(): readonly WorkerInfo[] {
    return this.#members.workers();
  }

  offers(): ReadonlyMap<string, AgentOffer> {
    return this.#members.offers();
  }

  missingKinds(): readonly MissingKind[] {
    return this.#sweeper.missingKinds();
  }

  async depths() {
    return this.#transport.depths(await this.#transport.kinds());
  }

  onEvents(run: string, listener: () => void): () => void {
    return this.#watchers.add(run, listener);
  }

  // ── after a write ──

  #context(): TransitionContext {
    return {
      now: this.#store.now(),
      random: this.#random,
      newId: this.#newId,
      inputProblems: (agent, input) => this.#schemas.inputProblems(agent, input),
      outputProblems: (agent, output) => this.#schemas.outputProblems(agent, output),
      maxOutputBytes: this.#config.maxOutputBytes,
    };
  }

  #written(changes: readonly Change[], batch: number): void {
    for (const { state } of changes) {
      if (this.#partitions.includes(partitionOf(state.id))) this.#cache.set(state);
      else this.#cache.delete(state.id);
    }
    this.#dispatcher.publish(changes, batch);
    this.#sweeper.noticed(changes);
    this.#metrics.changes(changes);
    for (const { state } of changes) this.#watchers.notify(state.id);
    if (changes.length > 0 && this.#members.orchestrators(true).length > 0) this.#tellOthers(changes);
  }

  #tellOthers(changes: readonly Change[]): void {
    const runs = changes.map(({ state }) => ({ run: state.id, tenant: state.tenant, last: state.seq }));
    this.#transport.publish('orchestrators', { v: MESSAGE_VERSION, type: 'events', runs }).catch(() => undefined); // Watchers also look by themselves now and then.
  }

  async #undelivered(attempts: readonly AttemptRef[]): Promise<void> {
    await Promise.all(attempts.map(({ run, task, fence }) => this.#applier.apply(run, { type: 'undelivered', task, fence })));
  }

  /** Commits whose outcome nobody knows may be on disk without anything having been published: find out and make it good. */
  async #settleUncertain(): Promise<void> {
    const { signal } = this.#stop;
    const trouble = new Trouble('finding out what became of commits without an answer', this.#logger, this.#clock);
    while (!signal.aborted && this.#uncertain.size > 0) {
      await this.#clock.sleep(this.#config.presenceMs, signal).catch(() => undefined);
      const batches = [...this.#uncertain];
      try {
        await this.#store.checkIn(this.#marks.current());
        await this.#undelivered(await this.#store.unpublished([this.name], UNPUBLISHED_MAX));
        for (const batch of batches) {
          this.#uncertain.delete(batch);
          this.#marks.close(batch);
        }
        trouble.worked();
      } catch (error) {
        trouble.failed(error);
      }
    }
  }

  // ── membership ──

  #control(message: ControlMessage): void {
    const now = this.#clock.monotonic();
    switch (message.type) {
      case 'heartbeat': {
        const { isNew } = this.#members.heartbeat(message, now, this.#clock.now());
        if (message.offers !== undefined) this.#learn(message.kinds);
        else if (isNew)
          this.#transport
            .publish({ process: message.worker }, { v: MESSAGE_VERSION, type: 'hello', from: this.name })
            .catch(() => undefined);
        if (isNew) this.#logger.info({ worker: message.worker, kinds: message.kinds, capacity: message.capacity }, 'a worker came');
        return;
      }
      case 'orchestrator':
        if (this.#members.orchestrator(message.name, message.draining, now).isNew) void this.#announce().catch(() => undefined);
        this.#deal();
        return;
      case 'events':
        for (const { run } of message.runs) this.#watchers.notify(run);
        return;
      case 'hello':
      case 'cancel':
        return;
    }
  }

  #learn(kinds: readonly string[]): void {
    const fresh = kinds.filter((kind) => !this.#knownKinds.has(kind));
    if (fresh.length === 0) return;
    this.#store
      .learnKinds(fresh)
      .then(() => {
        for (const kind of fresh) this.#knownKinds.add(kind);
      })
      .catch((error: unknown) => {
        this.#logger.warn({ err: error, kinds: fresh }, 'agent kinds could not be recorded; they are at the next heartbeat with offers');
      });
  }

  /** Deals the partitions anew among the orchestrators that are there. One that shuts down keeps them only while it is the last. */
  #deal(): void {
    const others = this.#members.orchestrators(true);
    const next = partitionsOf(this.name, this.#draining && others.length > 0 ? others : this.#members.orchestrators(false), PARTITIONS);
    if (next.length === this.#partitions.length && next.every((partition, index) => partition === this.#partitions[index])) return;
    this.#partitions = next;
    this.#logger.info({ partitions: next.length }, 'result partitions were dealt');
  }

  async #watch(): Promise<void> {
    this.#noticeOwnPause();
    if (!this.#transport.up) return;
    const [present, changed] = await Promise.all([this.#transport.present(this.#members.names()), this.#epochs.check()]);
    const now = this.#clock.monotonic();
    if (changed) this.#epochChanged();
    if (now < this.#settledAt) return;
    this.#members.presence(present, now);
    const lost = this.#members.takeLostOrchestrators(now);
    this.#deal();
    if (lost.length > 0) {
      this.#logger.warn({ orchestrators: lost }, 'orchestrators are gone');
      this.#sweeper.hurry();
      await this.#takeOver();
    }
    await this.#reclaimer.reclaimLost(now);
    this.#metrics.workers(this.#members.workers().length);
  }

  /** When this process itself stood still, what it did not hear meanwhile says nothing about others. */
  #noticeOwnPause(): void {
    const now = this.#clock.monotonic();
    if (now - this.#watchedAt > this.#config.leaseMs / 2) this.transportUp();
    this.#watchedAt = now;
  }

  #epochChanged(): void {
    this.transportUp();
    this.#clock.clearTimeout(this.#graceTimer);
    this.#graceTimer = this.#clock.setTimeout(() => {
      this.#sweeper.hurry();
    }, this.#config.graceMs + 1);
  }

  async #announce(): Promise<void> {
    if (!this.#transport.up) return;
    await this.#transport.publish('orchestrators', {
      v: MESSAGE_VERSION,
      type: 'orchestrator',
      name: this.name,
      draining: this.#draining,
      startedAt: this.#startedAt,
    });
  }

  async #lookAround(): Promise<void> {
    if (!this.#transport.up || this.#clock.monotonic() < this.#settledAt) return;
    await this.#reclaimer.reclaimUnknown();
    await this.#takeOver();
  }

  async #takeOver(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const batches = await this.#transport.takeOverResults(this.#partitions, (name) => !this.#members.isOrchestrator(name), TAKE_OVER_MAX);
      this.#results.take(batches);
      if (batches.length < TAKE_OVER_MAX) return;
      await this.#until(() => this.#results.open < TAKE_OVER_MAX, signal);
    }
  }

  // ── the end ──

  /** Nothing new is dispatched from here on; what workers still send is taken in until they have nothing more. */
  async #suspendAll(deadline: AbortSignal): Promise<void> {
    let after: string | undefined;
    for (;;) {
      const runs = await this.#store.active(after, SUSPEND_PAGE);
      await Promise.allSettled(runs.map((run) => this.#applier.apply(run, { type: 'suspend' })));
      after = runs.at(-1);
      if (runs.length < SUSPEND_PAGE) break;
    }
    // Workers that were told to stop in the same moment have a heartbeat's time to say so.
    if (this.#members.workers().length > 0) await this.#clock.sleep(this.#config.heartbeatMs, deadline).catch(() => undefined);
    await this.#until(() => this.#members.drainingWorkers() === 0, deadline);
    await this.#until(() => this.#results.open === 0 && this.#applier.idle, deadline);
  }

  /** Leaves the register if nothing of this orchestrator is unpublished; else others find it there. */
  async #leave(): Promise<void> {
    const { batch, published } = this.#marks.current();
    try {
      await this.#store.checkIn(this.#marks.current());
      if (batch === published) await this.#store.checkOut(this.name);
    } catch (error) {
      this.#logger.debug({ err: error }, 'this orchestrator could not leave the register; others will find it gone');
    }
  }

  /** True when the condition came to hold, false when the signal aborted before. */
  async #until(condition: () => boolean, signal: AbortSignal): Promise<boolean> {
    while (!condition()) {
      if (signal.aborted) return false;
      await this.#clock.sleep(DRAIN_POLL_MS, signal).catch(() => undefined);
    }
    return true;
  }

  async #every(ms: number, what: string, work: () => Promise<void>): Promise<void> {
    const { signal } = this.#stop;
    const trouble = new Trouble(what, this.#logger, this.#clock);
    while (!signal.aborted) {
      try {
        await work();
        trouble.worked();
      } catch (error) {
        trouble.failed(error);
      }
      await this.#clock.sleep(ms, signal).catch(() => undefined);
    }
  }
}
