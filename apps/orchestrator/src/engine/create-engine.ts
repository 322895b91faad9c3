import type { Logger } from '@mainstay/observability';
import type { Transport } from '@mainstay/transport';
import { type AgentOffer, type AttemptRef, type MainstayError, type OverloadError, uuidv7 } from '@mainstay/types';
import { type Clock, systemClock } from '@mainstay/utils';
import { type Change, priorityClass, type RunState, type TransitionContext } from '../pipeline/model.ts';
import { transition } from '../pipeline/transition.ts';
import type { RunEnd, Store } from '../store/store.ts';
import { Acts } from './act.ts';
import { AgentSchemas } from './agent-schemas.ts';
import { Applier } from './applier.ts';
import { ApplyRate } from './apply-rate.ts';
import { Dispatcher } from './dispatcher.ts';
import type { MissingKind, StalledRuns, Submission, Submitted, UserInput, WorkerInfo } from './engine.ts';
import { engineMetrics, type EngineMetrics } from './engine-metrics.ts';
import { type EngineConfig, engineDefaults, type EngineOptions } from './engine-options.ts';
import { Epochs } from './epochs.ts';
import { Fleet } from './fleet.ts';
import type { HostedEngine } from './hosted-engine.ts';
import { Intake } from './intake.ts';
import { leaveRegister, suspendAll } from './last-steps.ts';
import { Marks } from './marks.ts';
import { Members } from './members.ts';
import { News } from './news.ts';
import { Pipelines } from './pipelines.ts';
import { Reclaimer } from './reclaimer.ts';
import { ResultsLoop } from './results-loop.ts';
import { RunCache } from './run-cache.ts';
import { newRunId } from './run-ids.ts';
import { RunLog } from './run-log.ts';
import { StoreReach } from './store-reach.ts';
import { Sweeper } from './sweeper.ts';
import { Uncertain } from './uncertain.ts';
import { until } from './until.ts';
import { UrgentWork } from './urgent-work.ts';
import { Watchdog } from './watchdog.ts';

export type { HostedEngine };

export function createEngine(options: EngineOptions): HostedEngine {
  return new MainstayEngine(options);
}

class MainstayEngine implements HostedEngine {
  readonly name: string;
  readonly #store: Store;
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #config: EngineConfig;
  readonly #metrics: EngineMetrics;
  readonly #runLog: RunLog;
  readonly #members: Members;
  readonly #marks: Marks;
  readonly #news: News;
  readonly #cache: RunCache;
  readonly #schemas: AgentSchemas;
  readonly #epochs: Epochs;
  readonly #applier: Applier;
  readonly #dispatcher: Dispatcher;
  readonly #intake: Intake;
  readonly #acts: Acts;
  readonly #results: ResultsLoop;
  readonly #sweeper: Sweeper;
  readonly #fleet: Fleet;
  readonly #uncertain: Uncertain;
  readonly #watchdog: Watchdog;
  readonly #reach: StoreReach;
  readonly #urgent: UrgentWork;
  #watching: Promise<void> | undefined;
  readonly #onChange: ((change: Change) => void) | undefined;
  readonly #random: () => number;
  readonly #newId: () => string;
  readonly #stop = new AbortController();

  constructor(options: EngineOptions) {
    const { transport, logger } = options;
    const clock = options.clock ?? systemClock;
    const config = { ...engineDefaults, ...options.config };
    const reach = (this.#reach = new StoreReach({
      ...{ store: options.store, clock, logger, muteMs: config.muteMs },
      onChange: () => {
        this.#reachChanged();
      },
    }));
    const { store } = reach;
    this.name = transport.name;
    this.#store = store;
    this.#transport = transport;
    this.#clock = clock;
    this.#logger = logger;
    this.#runLog = new RunLog(logger);
    this.#config = config;
    this.#random = options.random ?? Math.random;
    this.#onChange = options.onChange;
    this.#newId = options.newId ?? (() => uuidv7());
    const metrics = (this.#metrics = engineMetrics(options.metrics, options.onFailure));
    const members = (this.#members = new Members({ self: this.name, leaseMs: config.leaseMs, absentMs: config.absentMs }));
    const marks = (this.#marks = new Marks(this.name));
    const cache = (this.#cache = new RunCache({ maxRuns: config.maxCachedRuns, maxBytes: config.maxCachedBytes }));
    this.#news = new News({
      transport,
      othersWish: () => members.wishes(),
      onWish: () => void this.#fleet.announce().catch(() => undefined),
    });
    this.#schemas = new AgentSchemas(
      () => members.offers(),
      (kind, error) => {
        logger.warn({ err: error, kind }, 'the schema of an agent cannot be used here; its worker enforces it alone');
      },
    );
    const undelivered = (attempts: readonly AttemptRef[]): Promise<void> => this.#undelivered(attempts);
    const base = { store, transport, marks, clock, logger };
    this.#uncertain = new Uncertain({ ...base, self: this.name, undelivered, signal: this.#stop.signal, retryMs: config.presenceMs });
    const urgent = (this.#urgent = new UrgentWork(clock));
    const share = (of: number): number => (urgent.isAbout ? Math.ceil(config.shareBesideUrgent * of) : of);
    const writer = {
      ...base,
      ...config,
      maxBatch: () => share(config.maxBatch),
      pipelines: new Pipelines(store),
      context: () => this.#context(),
      onUncertain: (batch: number) => {
        this.#uncertain.add(batch);
      },
    };
    const written = (changes: readonly Change[], batch: number): void => {
      this.#written(changes, batch);
    };
    const rate = new ApplyRate(clock);
    const applier = (this.#applier = new Applier({
      ...writer,
      cache,
      parallel: config.parallelCommits,
      minParallel: config.minParallelBatch,
      transition: options.transition ?? transition,
      onChanges: written,
      onRoom: () => {
        this.#intake.wake();
      },
      onBatch: (inputs, commitMs) => {
        rate.applied(inputs);
        metrics.batch(inputs, commitMs);
      },
    }));
    this.#acts = new Acts({ store, cache, applier, maxWaiting: config.maxWaiting });
    this.#dispatcher = new Dispatcher({ ...base, undelivered, onUncertain: writer.onUncertain });
    const ids = {
      newId: this.#newId,
      owns: (run: string) => this.#fleet.ownsRun(run),
      keeps: () => this.#fleet.partitions.length > 0 && applier.backlog <= config.maxBatch,
    };
    this.#intake = new Intake({
      ...{ ...writer, random: this.#random, reach, unsent: () => this.#dispatcher.backlog, unapplied: () => applier.backlog },
      unappliedRoom: () => share(Math.max(config.minUnapplied, rate.within(config.maxUnappliedMs))),
      newRunId: () => newRunId(ids),
      onCreated: written,
    });
    this.#results = new ResultsLoop({
      ...base,
      ...config,
      applier,
      partitions: () => this.#fleet.partitions,
      ack: (receipt) => {
        this.#dispatcher.ack(receipt);
      },
      onStale: () => {
        metrics.stale();
      },
    });
    const epochs = (this.#epochs = new Epochs({ ...base, newId: this.#newId }));
    const reclaimer = new Reclaimer({
      ...{ self: this.name, transport, members, applier, logger },
      onReclaimed: (reason, tasks) => {
        metrics.reclaimed(reason, tasks);
      },
    });
    this.#sweeper = new Sweeper({
      ...{ ...base, applier, members, epochs, reach },
      owns: (partition) => this.#fleet.owns(partition),
      ...(options.onDied === undefined ? {} : { onDied: options.onDied }),
      full: () => this.#dispatcher.full,
      onRedispatched: (reason, tasks) => {
        metrics.redispatched(reason, tasks);
      },
      onWaiting: (tasks) => {
        metrics.waiting(tasks);
      },
      timing: { ...config, checkInMs: 30_000 },
    });
    this.#watchdog = new Watchdog({
      ...base,
      ...config,
      applier,
      members,
      owns: (partition) => this.#fleet.owns(partition),
      missingKinds: () => this.#sweeper.missingKinds(),
      metrics: options.metrics,
    });
    const { results, sweeper, news } = { results: this.#results, sweeper: this.#sweeper, news: this.#news };
    this.#fleet = new Fleet({ ...base, members, epochs, reclaimer, results, sweeper, news, metrics, reach, config });
  }

  // ── life ──

  /** The store and the transport are started already. */
  async start(): Promise<void> {
    await this.#fleet.join();
    await this.#epochs.check();
    await this.#store.checkIn(this.#marks.current());
    this.#applier.start();
    this.#dispatcher.start();
    this.#intake.start();
    const started = this.#fleet.start();
    this.#results.start();
    this.#sweeper.start();
    this.#watching = this.#watchdog.run(this.#stop.signal);
    await started;
  }

  transportUp(): void {
    this.#fleet.transportUp();
  }

  async drain(deadline: AbortSignal): Promise<void> {
    this.#fleet.drain();
    this.#intake.close();
    this.#sweeper.rest();
    await this.#until(() => this.#intake.idle, deadline);
    await this.#fleet.announce().catch(() => undefined);
    if (!this.#members.hasSuccessor) {
      const { heartbeatMs } = this.#config;
      const base = { store: this.#store, clock: this.#clock, logger: this.#logger };
      const parts = { ...base, applier: this.#applier, members: this.#members, results: this.#results };
      await suspendAll({ ...parts, heartbeatMs }, deadline);
    }
    await this.#until(() => this.#applier.idle && this.#dispatcher.idle && this.#results.open === 0, deadline);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#fleet.leave();
    await this.#results.stop();
    await this.#intake.stop();
    // Ends the waits of all others for a store that is away: they must not be waited for before.
    await this.#applier.stop();
    await this.#sweeper.stop();
    await Promise.all([this.#fleet.stop(), this.#uncertain.ended(), this.#watching]);
    await this.#dispatcher.stop();
    await leaveRegister(this.#store, this.#marks, this.#logger);
    this.#reach.stop();
  }

  #reachChanged(): void {
    this.#metrics.aside(this.#reach.mute);
    const refusal = this.#reach.refusal();
    if (refusal !== undefined) this.#intake.giveUp(refusal);
    this.#fleet.reachChanged();
  }

  // ── for users ──

  submit(submission: Submission): Promise<Submitted> {
    return this.#intake.submit(submission);
  }

  get standsAside(): boolean {
    return this.#reach.cutOff;
  }

  get cutOff(): boolean {
    return this.#reach.cutOff || !this.#transport.up;
  }

  refusal(urgent?: boolean): MainstayError | undefined {
    return this.#intake.refusal(urgent);
  }

  get hasUrgent(): boolean {
    return this.#urgent.isAbout;
  }

  overload(why: string): OverloadError {
    return this.#intake.overload(why);
  }

  act(tenant: string, run: string, input: UserInput): Promise<RunState> {
    return this.#acts.act(tenant, run, input);
  }

  get alone(): boolean {
    return this.#members.alone;
  }

  clearCaches(): void {
    this.#cache.clear();
  }

  workers(): readonly WorkerInfo[] {
    return this.#members.workers();
  }

  orchestrators(): readonly string[] {
    return this.#members.orchestrators();
  }

  offers(): ReadonlyMap<string, AgentOffer> {
    return this.#members.offers();
  }

  missingKinds(): readonly MissingKind[] {
    return this.#sweeper.missingKinds();
  }

  stalledRuns(): StalledRuns {
    return this.#watchdog.stalled;
  }

  async depths() {
    return this.#transport.depths(await this.#transport.kinds());
  }

  onEvents(run: string, listener: () => void): () => void {
    return this.#news.onEvents(run, listener);
  }

  onEnded(tenant: string, listener: (ends: readonly RunEnd[]) => void): () => void {
    return this.#news.onEnded(tenant, listener);
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

  /**
   * Tasks leave first; what others rely on comes before who only looks. Those look at each change in one loop: by the next one it would have
   * left the processor's caches.
   */
  #written(changes: readonly Change[], batch: number): void {
    this.#dispatcher.publish(changes, batch);
    for (const change of changes) {
      if (priorityClass(change.state.priority) === 'high') this.#urgent.seen();
      if (this.#fleet.ownsRun(change.state.id)) this.#cache.put(change);
      else this.#cache.delete(change.state.id);
    }
    this.#sweeper.noticed(changes);
    this.#news.committed(changes);
    for (const change of changes) {
      this.#metrics.written(change);
      this.#runLog.written(change);
      this.#onChange?.(change);
    }
  }

  async #undelivered(attempts: readonly AttemptRef[]): Promise<void> {
    await Promise.all(attempts.map(({ run, task, fence }) => this.#applier.apply(run, { type: 'undelivered', task, fence })));
  }

  #until(condition: () => boolean, signal: AbortSignal): Promise<boolean> {
    return until(condition, signal, this.#clock);
  }
}
