import { isSampled } from '@mainstay/observability';
import { FINAL_RUN_STATUSES, type FinalRunStatus } from '../../pipeline/model.ts';
import type { RunEnd, Store } from '../store.ts';
import type { Tables } from './tables.ts';

interface Ended extends RunEnd {
  readonly tenant: string;
}

/** Runs that are over. */
export function retentionMethods(tables: Tables): Pick<Store, 'ended' | 'endedAround' | 'purge' | 'history'> {
  return {
    ended: (tenant, since, after, limit) =>
      Promise.resolve(
        endedRuns(tables)
          .filter((end) => end.tenant === tenant && end.at >= since && (after === undefined || compare(end, after) > 0))
          .slice(0, Math.max(0, limit))
          .map(({ run, status, at }) => ({ run, status, at })),
      ),
    endedAround: (orchestrator, beforeMs, afterMs, limit) => {
      const { seenAt } = tables.orchestrators.get(orchestrator) ?? { seenAt: NaN };
      const ends = endedRuns(tables).filter(({ at, run }) => at >= seenAt - beforeMs && at <= seenAt + afterMs && isTold(tables, run));
      const last = ends.reverse().slice(0, Math.max(0, limit));
      return Promise.resolve(last.map(({ run }) => run));
    },
    purge: (before, limit) => {
      const old = endedRuns(tables).filter(({ at }) => at < before);
      const runs = new Set(old.slice(0, Math.max(0, limit)).map(({ run }) => run));
      purge(tables, runs);
      return Promise.resolve(runs.size);
    },
    history: (before) => {
      const ends = endedRuns(tables);
      const [oldest] = ends;
      return Promise.resolve({
        runs: ends.length,
        ...(oldest && { oldestEndedAt: oldest.at }),
        ...(before !== undefined && { past: Math.min(100_000, ends.filter(({ at }) => at < before).length) }),
      });
    },
  };
}

/** It failed, or its trace is sampled. */
function isTold(tables: Tables, run: string): boolean {
  const { status, traceparent = '' } = tables.runs.get(run)?.state ?? {};
  return status === 'failed' || isSampled(traceparent);
}

/** In the order of time and id. */
function endedRuns(tables: Tables): readonly Ended[] {
  const ends = [...tables.runs.values()].flatMap(({ state: { id, tenant, status, finishedAt } }): readonly Ended[] =>
    finishedAt === undefined || !FINAL_RUN_STATUSES.has(status)
      ? []
      : [{ run: id, tenant, status: status as FinalRunStatus, at: finishedAt }],
  );
  return ends.sort(compare);
}

function compare(a: RunEnd, b: RunEnd): number {
  return a.at - b.at || (a.run < b.run ? -1 : a.run > b.run ? 1 : 0);
}

function purge(tables: Tables, runs: ReadonlySet<string>): void {
  for (const run of runs) tables.runs.delete(run);
  for (const part of [tables.decisions, tables.deadLetters, tables.idempotency]) {
    for (const [key, { run }] of part) if (runs.has(run)) part.delete(key);
  }
}
