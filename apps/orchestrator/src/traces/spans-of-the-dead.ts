import type { Logger, Tracing } from '@mainstay/observability';
import { FINAL_RUN_STATUSES } from '../pipeline/model.ts';
import type { Store } from '../store/store.ts';
import type { RunTraces } from './run-traces.ts';

export interface SpansOfTheDeadDeps {
  readonly store: Pick<Store, 'endedAround' | 'load'>;
  readonly runs: Pick<RunTraces, 'again'>;
  readonly tracing: Pick<Tracing, 'flush' | 'dropped'>;
  readonly logger: Logger;
  /** A span that was told was sent after so long at the latest, or given up. */
  readonly sentWithinMs: number;
}

/** An orchestrator that ends runs is on record again after two looks of its sweeper; many times that. */
const SEEN_WITHIN_MS = 30_000;
/** Runs that are looked at, the last ones first; spans of earlier ones are lost. */
const MAX_RUNS = 10_000;
/** Runs whose spans are told before it is waited until they are sent: the queue holds those of about so many. */
const PAGE = 100;

/**
 * Tells again what an orchestrator that was killed may have told and not sent: the spans of the runs that ended around its death, whoever
 * ended them. Spans that had been sent come a second time, with the same ids. Resolves when all are sent or given up, or the signal aborts
 * (then it rejects); rejects when the store cannot be read.
 */
export async function tellSpansOfTheDead(deps: SpansOfTheDeadDeps, orchestrator: string, signal: AbortSignal): Promise<void> {
  const { store, runs, tracing, logger, sentWithinMs } = deps;
  const ids = await store.endedAround(orchestrator, sentWithinMs, SEEN_WITHIN_MS, MAX_RUNS);
  let unreadable = 0;
  for (let at = 0; at < ids.length; at += PAGE) {
    for (const run of (await store.load(ids.slice(at, at + PAGE))).values()) {
      signal.throwIfAborted();
      if (!FINAL_RUN_STATUSES.has(run.status)) continue;
      await runs.again(run).catch(() => unreadable++);
    }
    await tracing.flush(sentWithinMs);
  }
  if (unreadable > 0) tracing.dropped(unreadable, 'failed');
  if (ids.length > 0)
    logger.info({ orchestrator, runs: ids.length, unreadable }, 'spans that a dead orchestrator may not have sent are told again');
}
