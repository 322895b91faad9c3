import { isUuid } from '@mainstay/types';
import type { RunEvent } from '../../pipeline/model.ts';
import type { AttemptRow, Store } from '../store.ts';
import { commitRuns, type OnRefused } from './commit-runs.ts';
import { createRuns } from './create-runs.ts';
import type { Database } from './database.ts';
import { decodeRuns } from './decode.ts';
import { decodeJson } from './json.ts';
import { readEvents } from './sql/events.ts';
import { load, loadOwn, type LoadRow } from './sql/load.ts';
import { admit } from './sql/slots.ts';
import * as sweep from './sql/sweep.ts';

type RunMethods = Pick<Store, 'create' | 'commit' | 'load' | 'run' | 'events'>;
type SweepMethods = Pick<
  Store,
  'due' | 'admit' | 'suspended' | 'active' | 'unpublished' | 'ofOtherEpochs' | 'dispatchedBefore' | 'outstanding'
>;

/** Runs per statement of `load`. */
const LOAD_PIECE = 1_000;

export function runMethods(database: Database, onRefused: OnRefused): RunMethods {
  return {
    create: async (runs, mark) => await createRuns(database, runs, mark),
    commit: async (changes, mark) => await commitRuns(database, changes, mark, onRefused),
    load: async (ids) => {
      const known = ids.filter(isUuid);
      const rows: LoadRow[] = [];
      for (let from = 0; from < known.length; from += LOAD_PIECE) {
        rows.push(...(await database.query<LoadRow>(load, [known.slice(from, from + LOAD_PIECE)])));
      }
      return decodeRuns(rows);
    },
    run: async (tenant, id) => {
      if (!isUuid(id) || !isStorable(tenant)) return undefined;
      return decodeRuns(await database.query<LoadRow>(loadOwn, [[id], tenant])).get(id);
    },
    events: async (tenant, run, after, limit) => {
      if (!isUuid(run) || !isStorable(tenant)) return undefined;
      const parameters = [run, tenant, whole(after), Math.max(0, whole(limit))];
      const rows = await database.query<{ events: string | null }>(readEvents, parameters);
      if (rows.length === 0) return undefined;
      const events = rows.flatMap((row) => (row.events === null ? [] : (decodeJson(row.events) as unknown as RunEvent[])));
      return events.filter(({ seq }) => seq > after).slice(0, Math.max(0, limit));
    },
  };
}

export function sweepMethods(database: Database, now: () => number): SweepMethods {
  const ids = (rows: readonly { readonly id: string }[]): readonly string[] => rows.map(({ id }) => id);
  const attempts = (rows: readonly AttemptColumns[]): readonly AttemptRow[] =>
    rows.map(({ run_id, stage, fence }) => ({ run: run_id, task: stage, fence }));
  return {
    due: async (limit) => {
      const rows = await database.query<{ id: string; due_at: number }>(sweep.due, [limit + 1]);
      const at = now();
      const runs = ids(rows.slice(0, limit).filter(({ due_at }) => due_at <= at));
      const next = rows[runs.length];
      return { runs, ...(next && { nextAt: next.due_at }) };
    },
    admit: async (limit) => ids(await database.query(admit, [limit, now()])),
    suspended: async (limit) => ids(await database.query(sweep.suspended, [limit])),
    active: async (after, limit) => ids(await database.query(sweep.active, [after ?? null, limit])),
    unpublished: async (names, limit) => attempts(await database.query(sweep.unpublished, [names, limit])),
    ofOtherEpochs: async (epoch, limit) => attempts(await database.query(sweep.ofOtherEpochs, [epoch, limit])),
    dispatchedBefore: async (agent, at, limit) => attempts(await database.query(sweep.dispatchedBefore, [agent, at, limit])),
    outstanding: async () => {
      const rows = await database.query<OutstandingColumns>(sweep.outstanding);
      return rows.map(({ oldest_at, ...row }) => ({ ...row, ...(oldest_at !== null && { oldestAt: oldest_at }) }));
    },
  };
}

interface AttemptColumns {
  readonly run_id: string;
  readonly stage: string;
  readonly fence: number;
}

interface OutstandingColumns {
  readonly agent: string;
  readonly dispatched: number;
  readonly running: number;
  readonly oldest_at: number | null;
}

/** Text columns cannot hold NUL; nothing with one in its name is stored. */
export function isStorable(text: string): boolean {
  return !text.includes('\0');
}

/** Fits Postgres's integer. */
function whole(value: number): number {
  return Math.max(-1, Math.min(2_147_483_647, Math.trunc(value) || 0));
}
