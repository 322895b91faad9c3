import type { Logger } from '@mainstay/observability';
import { partitionOf, PARTITIONS, type Transport } from '@mainstay/transport';
import { type ControlMessage, type Heartbeat, MESSAGE_VERSION } from '@mainstay/types';
import type { Clock, TimerHandle } from '@mainstay/utils';
import type { Store } from '../store/store.ts';
import { every } from './every.ts';
import type { EngineMetrics } from './engine-metrics.ts';
import type { EngineConfig } from './engine-options.ts';
import type { Epochs } from './epochs.ts';
import { KnownKinds } from './known-kinds.ts';
import type { Members, Part } from './members.ts';
import type { News } from './news.ts';
import type { Reclaimer } from './reclaimer.ts';
import { partitionsOf } from './rendezvous.ts';
import type { ResultsLoop } from './results-loop.ts';
import type { StoreReach } from './store-reach.ts';
import type { Sweeper } from './sweeper.ts';
import { until } from './until.ts';

export interface FleetDeps {
  readonly store: Store;
  readonly transport: Transport;
  readonly members: Members;
  readonly epochs: Epochs;
  readonly reclaimer: Reclaimer;
  readonly results: ResultsLoop;
  readonly sweeper: Sweeper;
  readonly news: News;
  readonly metrics: EngineMetrics;
  readonly reach: Pick<StoreReach, 'mute' | 'doubtful'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly config: EngineConfig;
}

const TAKE_OVER_MAX = 200;

/** How the parts are told. Orchestrators that do not know of `aside` take it for one that shuts down, and deal its lanes as well. */
const PARTS: Readonly<Record<Part, { readonly draining: boolean; readonly aside?: true }>> = {
  'takes-part': { draining: false },
  aside: { draining: true, aside: true },
  draining: { draining: true },
};

/** Knows who is there, tells the others that this orchestrator is, and deals the result partitions among orchestrators. */
export class Fleet {
  readonly #deps: FleetDeps;
  readonly #stop = new AbortController();
  readonly #startedAt: number;
  readonly #kinds: KnownKinds;
  #partitions: readonly number[] = [];
  #owned: ReadonlySet<number> = new Set();
  #draining = false;
  #loops: Promise<void>[] = [];
  #unsubscribe: (() => void) | undefined;
  #graceTimer: TimerHandle | undefined;
  /** Own monotonic time before which absence proves nothing: the connection has just been made. */
  #settledAt = 0;
  /** Own monotonic time of the last look at presence. */
  #watchedAt = 0;

  constructor(deps: FleetDeps) {
    this.#deps = deps;
    this.#startedAt = deps.clock.now();
    this.#kinds = new KnownKinds(deps.store, deps.logger);
  }

  /** Listens from here on. */
  async join(): Promise<void> {
    this.#unsubscribe = this.#deps.transport.onControl((message) => {
      this.#control(message);
    });
    await this.#kinds.load();
  }

  async start(): Promise<void> {
    const { config, transport, clock, logger } = this.#deps;
    const { presenceMs, heartbeatMs, slowMs, leaseMs } = config;
    const options = { clock, logger, signal: this.#stop.signal };
    this.transportUp();
    this.#deal();
    this.#loops = [
      every(
        () => Math.max(presenceMs, Math.min(presenceMs * this.#calm(), leaseMs / 4)),
        'the presence check',
        () => this.#watch(),
        options,
      ),
      every(
        () => heartbeatMs,
        'the sign of life',
        () => this.announce(),
        options,
      ),
      every(
        () => slowMs * this.#calm(),
        'the look for unknown readers',
        () => this.#lookAround(),
        options,
      ),
    ];
    await transport.publish('workers', { v: MESSAGE_VERSION, type: 'hello', from: transport.name });
  }

  /** Nothing is heard any more, and nothing looked at. */
  leave(): void {
    this.#stop.abort();
    this.#unsubscribe?.();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#loops);
    this.#deps.clock.clearTimeout(this.#graceTimer); // The last look may have set it.
  }

  /** From now on this orchestrator keeps its partitions only while it is the last. */
  drain(): void {
    this.#draining = true;
  }

  /** The store answers nothing here any more, or does again. */
  reachChanged(): void {
    this.#deal();
    void this.announce().catch(() => undefined);
    if (!this.#deps.reach.mute) this.#deps.sweeper.hurry();
  }

  get #part(): Part {
    if (this.#draining) return 'draining';
    return this.#deps.reach.mute ? 'aside' : 'takes-part';
  }

  /** Result partitions of this orchestrator. */
  get partitions(): readonly number[] {
    return this.#partitions;
  }

  owns(partition: number): boolean {
    return this.#owned.has(partition);
  }

  /** Whether the results of the run come to this orchestrator. */
  ownsRun(run: string): boolean {
    return this.#owned.size === PARTITIONS || this.#owned.has(partitionOf(run));
  }

  /** What was missed while the connection was down says nothing about others. */
  transportUp(): void {
    const { clock, config, members, news, reclaimer } = this.#deps;
    const now = clock.monotonic();
    this.#settledAt = now + config.graceMs;
    members.renewTerms(now + config.graceMs);
    reclaimer.renewTerms(now);
    news.missed();
  }

  async announce(): Promise<void> {
    const { transport, news } = this.#deps;
    if (!transport.up) return;
    await transport.publish('orchestrators', {
      v: MESSAGE_VERSION,
      type: 'orchestrator',
      name: transport.name,
      ...PARTS[this.#part],
      startedAt: this.#startedAt,
      watches: news.wishes(),
    });
  }

  /** How many times rarer the looks at others are while nothing is outstanding: then nobody's death can cost time. */
  #calm(): number {
    const { sweeper, members } = this.#deps;
    if (sweeper.expectsWork) return 1;
    return members.alone ? 4 : 2;
  }

  #control(message: ControlMessage): void {
    const { members, sweeper, news, clock } = this.#deps;
    switch (message.type) {
      case 'heartbeat':
        this.#heartbeat(message);
        return;
      case 'orchestrator': {
        const { isNew, changed } = members.orchestrator(message, clock.monotonic());
        if (isNew) void this.announce().catch(() => undefined);
        if (changed) {
          this.#deal();
          sweeper.hurry();
        }
        // Until it has noticed it reads on: what it has now is taken at each of its signs.
        if (message.aside === true) void this.#takeOver().catch(() => undefined);
        return;
      }
      case 'events':
        news.heard(message.runs);
        return;
      case 'hello':
      case 'cancel':
        return;
    }
  }

  #heartbeat(beat: Heartbeat): void {
    const { members, transport, clock, logger } = this.#deps;
    const { isNew } = members.heartbeat(beat, clock.monotonic(), clock.now());
    if (beat.offers !== undefined) this.#kinds.learn(beat.kinds);
    else if (isNew)
      transport.publish({ process: beat.worker }, { v: MESSAGE_VERSION, type: 'hello', from: transport.name }).catch(() => undefined);
    if (isNew) logger.info({ worker: beat.worker, kinds: beat.kinds, capacity: beat.capacity }, 'a worker came');
  }

  #deal(): void {
    const { members, transport, logger } = this.#deps;
    const next = partitionsOf(transport.name, members.sharers(this.#part), PARTITIONS);
    if (next.length === this.#partitions.length && next.every((partition) => this.#owned.has(partition))) return;
    this.#partitions = next;
    this.#owned = new Set(next);
    logger.info({ partitions: next.length }, 'result partitions were dealt');
  }

  async #watch(): Promise<void> {
    const { transport, members, epochs, clock, logger, sweeper, reclaimer, metrics } = this.#deps;
    this.#noticeOwnPause();
    if (!transport.up) return;
    const [present, changed] = await Promise.all([transport.present(members.names()), epochs.check()]);
    const now = clock.monotonic();
    if (changed) this.#epochChanged();
    if (now < this.#settledAt) return;
    members.presence(present, now);
    const lost = members.takeLostOrchestrators(now);
    this.#deal();
    if (lost.length > 0) {
      logger.warn({ orchestrators: lost }, 'orchestrators are gone');
      sweeper.hurry();
      await this.#takeOver();
    }
    if (!this.#deps.reach.mute) await reclaimer.reclaimLost(now);
    metrics.workers(members.workerCount);
  }

  /** When this process itself stood still, what it did not hear meanwhile says nothing about others. */
  #noticeOwnPause(): void {
    const now = this.#deps.clock.monotonic();
    if (now - this.#watchedAt > this.#deps.config.leaseMs / 2) this.transportUp();
    this.#watchedAt = now;
  }

  #epochChanged(): void {
    const { clock, config, sweeper } = this.#deps;
    this.transportUp();
    clock.clearTimeout(this.#graceTimer);
    this.#graceTimer = clock.setTimeout(() => {
      sweeper.hurry();
    }, config.graceMs + 1);
  }

  async #lookAround(): Promise<void> {
    const { transport, clock, reclaimer, reach } = this.#deps;
    if (!transport.up || clock.monotonic() < this.#settledAt) return;
    if (!reach.mute) await reclaimer.reclaimUnknown(clock.monotonic());
    await this.#takeOver();
  }

  async #takeOver(): Promise<void> {
    const { transport, members, results, clock, reach } = this.#deps;
    const { signal } = this.#stop;
    const isLeft = (name: string): boolean => !members.isOrchestrator(name) || (!reach.doubtful && members.isAside(name));
    while (!signal.aborted) {
      const batches = await transport.takeOverResults(this.#partitions, isLeft, TAKE_OVER_MAX);
      results.take(batches);
      if (batches.length < TAKE_OVER_MAX) return;
      await until(() => results.open < TAKE_OVER_MAX, signal, clock);
    }
  }
}
