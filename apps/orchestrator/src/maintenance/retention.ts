import type { Logger, Metrics } from '@mainstay/observability';
import { OverloadError } from '@mainstay/types';
import { type Clock, systemClock } from '@mainstay/utils';
import type { Store } from '../store/store.ts';
import { purge, type PurgeResult } from './purge.ts';
import { retentionMetrics, type RetentionMetrics } from './retention-metrics.ts';
import { cutOff, type RetentionPolicy } from './retention-policy.ts';

/** Something that is removed when it is old enough. */
export interface Removal {
  /** In the plural, for the log. */
  readonly what: string;
  /** Resolves with how many were removed. */
  readonly remove: (signal: AbortSignal) => Promise<number>;
}

export interface RetentionDeps {
  readonly store: Pick<Store, 'now' | 'purge' | 'history' | 'purgeErrors' | 'purgeAudit'>;
  readonly policy: RetentionPolicy;
  /** Milliseconds that audit records are kept. Default: for ever. */
  readonly auditKeepMs?: number;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** What else is removed at each look, because of its age. */
  readonly others?: readonly Removal[];
  readonly clock?: Clock;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
}

/** What is there, and what would be removed. Times are store times. */
export interface RetentionStatus {
  readonly runs: number;
  readonly oldestEndedAt?: number;
  /** Runs that ended before it would be removed; absent: none ever would. */
  readonly before?: number;
  /** How many that are; counted up to 100,000. */
  readonly past?: number;
}

/** Removing on request answers after about this time, done or not. */
const REQUEST_BUDGET_MS = 2_000;
/** The schedule works a tenth of the time. */
const PAUSE_RATIO = 9;
/** The first look comes within this time, so that orchestrators that start together do not all begin at once. */
const FIRST_LOOK_MS = 60_000;
/** Groups of errors, or audit records, per statement. */
const BATCH = 1_000;

/**
 * Removes finished runs when they are old enough. Every orchestrator looks now and then; the first that finds something removes it,
 * and two at once share the work, since the store passes over what the other one is removing.
 */
export class Retention {
  readonly policy: RetentionPolicy;
  readonly #store: RetentionDeps['store'];
  readonly #logger: Logger;
  readonly #auditKeepMs: number | undefined;
  readonly #metrics: RetentionMetrics;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #others: readonly Removal[];
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;

  constructor({ store, policy, logger, metrics, auditKeepMs, others = [], clock = systemClock, random = Math.random }: RetentionDeps) {
    this.policy = policy;
    this.#store = store;
    this.#auditKeepMs = auditKeepMs;
    this.#logger = logger;
    this.#metrics = retentionMetrics(metrics);
    this.#clock = clock;
    this.#random = random;
    this.#others = [
      { what: 'groups of errors', remove: (signal) => this.#forgetErrors(signal) },
      { what: 'audit records', remove: (signal) => this.#forgetAudit(signal) },
      ...others,
    ];
  }

  /** Starts the schedule. */
  start(): void {
    this.#running ??= this.#run(this.#stopping.signal);
  }

  /** Ends the schedule; resolves when the batch that is under way has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** What a policy of `keepMs` would find; by default that of the installation. */
  async status(keepMs = this.policy.keepMs): Promise<RetentionStatus> {
    const before = cutOff(keepMs, this.#store.now());
    const history = await this.#store.history(before);
    return { ...history, ...(before === undefined ? {} : { before }) };
  }

  /** Removes for about two seconds, without pauses, at most `limit` runs that are older than `keepMs`. Rejects with SHUTTING_DOWN once stopped. */
  async remove(keepMs: number, limit: number): Promise<PurgeResult & { readonly before: number }> {
    const { signal } = this.#stopping;
    if (signal.aborted) throw new OverloadError('SHUTTING_DOWN', 'This orchestrator is shutting down');
    const before = this.#store.now() - keepMs;
    const onBatch = this.#metrics.removed;
    return { before, ...(await purge(this.#store, this.#clock, { before, limit, budgetMs: REQUEST_BUDGET_MS, signal, onBatch })) };
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { everyMs } = this.policy;
    let waitMs = this.#random() * Math.min(everyMs, FIRST_LOOK_MS);
    for (;;) {
      await this.#clock.sleep(waitMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      await this.#look(signal).catch((error: unknown) => {
        this.#logger.warn({ err: error }, 'finished runs could not be removed; the next look tries again');
      });
      for (const other of this.#others) await this.#removeOld(other, signal);
      waitMs = everyMs * (0.9 + 0.2 * this.#random());
    }
  }

  async #removeOld({ what, remove }: Removal, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    try {
      const removed = await remove(signal);
      if (removed > 0) this.#logger.info({ removed }, `removed old ${what}`);
    } catch (error) {
      this.#logger.warn({ err: error }, `old ${what} could not be removed; the next look tries again`);
    }
  }

  /** Groups of errors that were not seen for as long as they are kept, and the surplus of tenants that have very many. */
  async #forgetErrors(signal: AbortSignal): Promise<number> {
    const before = cutOff(this.policy.errorsKeepMs, this.#store.now()) ?? 0;
    return await inBatches(signal, (limit) => this.#store.purgeErrors(before, limit));
  }

  async #forgetAudit(signal: AbortSignal): Promise<number> {
    const before = cutOff(this.#auditKeepMs, this.#store.now());
    return before === undefined ? 0 : await inBatches(signal, (limit) => this.#store.purgeAudit(before, limit));
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { oldestEndedAt } = await this.#store.history();
    const now = this.#store.now();
    this.#metrics.oldest(oldestEndedAt === undefined ? 0 : Math.max(0, now - oldestEndedAt));
    const before = cutOff(this.policy.keepMs, now);
    if (before === undefined || oldestEndedAt === undefined || oldestEndedAt >= before) return;
    await this.#removeAll(before, signal);
  }

  async #removeAll(before: number, signal: AbortSignal): Promise<void> {
    const endedBefore = new Date(before).toISOString();
    this.#logger.info({ endedBefore }, 'removing old finished runs');
    let removed = 0;
    let busyMs = 0;
    try {
      await purge(this.#store, this.#clock, {
        before,
        pauseRatio: PAUSE_RATIO,
        signal,
        onBatch: (count, tookMs) => {
          removed += count;
          busyMs += tookMs;
          this.#metrics.removed(count, tookMs);
        },
      });
    } finally {
      this.#logger.info({ endedBefore, removed, busyMs: Math.round(busyMs) }, 'removed old finished runs');
    }
  }
}

/** Removes until a batch is not full; returns how many. */
async function inBatches(signal: AbortSignal, remove: (limit: number) => Promise<number>): Promise<number> {
  let removed = 0;
  for (let last = BATCH; last >= BATCH && !signal.aborted; removed += last) last = await remove(BATCH);
  return removed;
}
