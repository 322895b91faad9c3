import { type Logger, type Metrics, traceIdOf } from '@mainstay/observability';
import { partitionOf } from '@mainstay/transport';
import type { Clock } from '@mainstay/utils';
import type { RunProgress, Store } from '../store/store.ts';
import type { Applier } from './applier.ts';
import type { MissingKind, Stall, StalledRuns } from './engine.ts';
import { every } from './every.ts';
import type { Members } from './members.ts';

export interface WatchdogDeps {
  readonly store: Store;
  readonly members: Members;
  /** Whether runs of a partition are this orchestrator's to look after. */
  readonly owns: (partition: number) => boolean;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Kinds for which tasks wait although no live worker offers them, as of the last look. */
  readonly missingKinds: () => readonly MissingKind[];
  /** Writes down what was found. */
  readonly applier: Pick<Applier, 'apply'>;
  /** A run on which nothing has happened for so long, though something should have, is stalled. */
  readonly stalledMs: number;
  /** A decision that is open for so long is told of. */
  readonly undecidedMs: number;
  /** Between two looks. */
  readonly watchdogMs: number;
}

/** Runs that are looked at per look: it costs a few milliseconds, whatever there is. */
const PAGE = 1_000;
/** Stalled runs that are remembered by name; further ones are counted. */
const MAX_NAMED = 100;
type Counts = Record<Stall['reason'], number>;
const REASONS = ['overdue', 'silent', 'undecided'] as const satisfies readonly Stall['reason'][];

/**
 * Finds runs on which nothing advances, from their own progress rather than from processes being up. It looks at the oldest
 * active runs first, so many at each look, in rounds; what is known is that of the last look at each run.
 */
export class Watchdog {
  readonly #deps: WatchdogDeps;
  readonly #show: (counts: Counts, oldest: Partial<Counts>) => void;
  /** Of the last whole round, by run. */
  #told: ReadonlyMap<string, Stall> = new Map();
  /** Of the round under way. */
  #found = new Map<string, Stall>();
  /** Those of this round that their events do not tell of yet. */
  #untold: { readonly stall: Stall; readonly row: RunProgress }[] = [];
  #counts = noCounts();
  #lastCounts = noCounts();
  /** Store time of the oldest stall of this round, by reason. */
  #oldest: Partial<Counts> = {};
  /** Kinds without workers that were told of. */
  #toldKinds: ReadonlySet<string> = new Set();
  /** The run to go on after; undefined: a round begins. */
  #after: string | undefined;

  constructor(deps: WatchdogDeps) {
    this.#deps = deps;
    const runs = deps.metrics.gauge('mainstay_stalled_runs');
    const age = deps.metrics.gauge('mainstay_oldest_stall_age_seconds');
    this.#show = (counts, oldest) => {
      const now = deps.store.now();
      for (const reason of REASONS) {
        runs.set({ reason }, counts[reason]);
        age.set({ reason }, Math.max(0, now - (oldest[reason] ?? now)) / 1_000);
      }
    };
  }

  /** Looks until the signal aborts; the first time after one interval, when what a start or a crash left undone has had its turn. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, logger, watchdogMs } = this.#deps;
    await clock.sleep(watchdogMs, signal).catch(() => undefined);
    await every(
      () => watchdogMs,
      'the look for stalled runs',
      () => this.look(),
      { clock, logger, signal },
    );
  }

  /** Stalled runs as of the last whole round. */
  get stalled(): StalledRuns {
    return { ...this.#lastCounts, oldest: [...this.#told.values()].sort((a, b) => a.since - b.since) };
  }

  /** Takes one look. */
  async look(): Promise<void> {
    const { store, members, stalledMs, undecidedMs } = this.#deps;
    const now = store.now();
    const rows = await store.progress(now - Math.min(stalledMs, undecidedMs), this.#after, PAGE);
    const alive = new Set([...members.runningAttempts()].map((key) => key.slice(0, key.indexOf('\n'))));
    for (const row of rows) {
      const stall = stallOf(row, now, alive.has(row.run), this.#deps);
      if (stall === undefined) continue;
      this.#counts[stall.reason]++;
      this.#oldest[stall.reason] = Math.min(stall.since, this.#oldest[stall.reason] ?? stall.since);
      if (this.#found.size >= MAX_NAMED) continue;
      this.#found.set(stall.run, stall);
      if (!isTold(row, stall)) this.#untold.push({ stall, row });
    }
    this.#after = rows.length < PAGE ? undefined : rows.at(-1)?.run;
    if (this.#after === undefined) await this.#endRound();
  }

  async #endRound(): Promise<void> {
    const [before, found] = [this.#told, this.#found];
    const hadSome = sum(this.#lastCounts) > 0;
    this.#told = found;
    this.#lastCounts = this.#counts;
    this.#found = new Map();
    this.#counts = noCounts();
    this.#show(this.#lastCounts, this.#oldest);
    this.#oldest = {};
    await this.#tell([...found.values()].filter(({ run, reason }) => before.get(run)?.reason !== reason));
    await this.#write(this.#untold.splice(0));
    this.#tellKinds();
    if (hadSome && sum(this.#lastCounts) === 0) this.#deps.logger.info('all runs advance again');
  }

  /** Each kind without workers is told of once, by every orchestrator, as its workers may be gone for this one alone. */
  #tellKinds(): void {
    const { missingKinds, logger } = this.#deps;
    const missing = missingKinds();
    const before = this.#toldKinds;
    this.#toldKinds = new Set(missing.map(({ agent }) => agent));
    for (const { agent, waiting, since } of missing) {
      if (!before.has(agent))
        logger.warn({ agent, waiting, since: new Date(since).toISOString() }, 'tasks wait, and no worker offers their kind');
    }
    for (const agent of before)
      if (!this.#toldKinds.has(agent)) logger.info({ agent }, 'no task waits for a kind without workers any more');
  }

  /** Each stalled run is told of once, by the orchestrator that looks after it. */
  async #tell(news: readonly Stall[]): Promise<void> {
    const { logger, owns, store } = this.#deps;
    const own = news.filter(({ run }) => owns(partitionOf(run)));
    // for what follows a run through all logs; without it the line is still worth having
    const states = own.length === 0 ? undefined : await store.load(own.map(({ run }) => run)).catch(() => undefined);
    for (const { run, tenant, pipeline, reason, since } of own) {
      const state = states?.get(run);
      const context = state === undefined ? {} : { correlationId: state.correlationId, traceId: traceIdOf(state.traceparent) };
      logger.warn({ ...context, run, tenant, pipeline, reason, since: new Date(since).toISOString() }, 'a run does not advance');
    }
  }

  /** Each stall is an event of its run, once, whoever looks after it by then. What cannot be written is tried again at the next look. */
  async #write(untold: readonly { readonly stall: Stall; readonly row: RunProgress }[]): Promise<void> {
    const { applier, owns } = this.#deps;
    const own = untold.filter(({ stall }) => owns(partitionOf(stall.run)));
    await Promise.allSettled(
      own.map(({ stall: { run, reason, since }, row: { seq, changedAt } }) =>
        applier.apply(run, { type: 'stalled', reason, since, lastEventAt: changedAt, seq }, false),
      ),
    );
  }
}

function isTold({ told }: RunProgress, { reason, since }: Stall): boolean {
  return told?.reason === reason && told.since === since;
}

type Limits = Pick<WatchdogDeps, 'stalledMs' | 'undecidedMs'>;

/**
 * Why a run counts as stalled. `isAlive`: a live worker says that it runs something of it, which its own time limit ends.
 * A run that waits for a decision or a time is only stalled when that is overdue.
 */
export function stallOf(row: RunProgress, now: number, isAlive: boolean, { stalledMs, undecidedMs }: Limits): Stall | undefined {
  const { run, tenant, pipeline, status, changedAt, dueAt, askedAt } = row;
  const of = { run, tenant, pipeline };
  if (dueAt !== undefined && now - dueAt > stalledMs) return { ...of, reason: 'overdue', since: dueAt };
  if (status === 'running' && !isAlive && now - changedAt > stalledMs) return { ...of, reason: 'silent', since: changedAt };
  if (askedAt !== undefined && now - askedAt > undecidedMs) return { ...of, reason: 'undecided', since: askedAt };
  return undefined;
}

function noCounts(): Counts {
  return { overdue: 0, silent: 0, undecided: 0 };
}

function sum(counts: Counts): number {
  return REASONS.reduce((total, reason) => total + counts[reason], 0);
}
