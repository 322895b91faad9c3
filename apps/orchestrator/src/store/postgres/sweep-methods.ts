import type { AttemptRow, Store } from '../store.ts';
import type { Database } from './database.ts';
import { encodeText } from './json.ts';
import { OutstandingScan } from './outstanding-scan.ts';
import { admit } from './sql/slots.ts';
import * as sweep from './sql/sweep.ts';

type SweepMethods = Pick<
  Store,
  'due' | 'admit' | 'suspended' | 'active' | 'unpublished' | 'ofOtherEpochs' | 'dispatchedBefore' | 'outstanding'
>;

/** What the sweeper asks. */
export function sweepMethods(database: Database, now: () => number): SweepMethods {
  const outstanding = new OutstandingScan(database);
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
    dispatchedBefore: async (agent, at, limit) => attempts(await database.query(sweep.dispatchedBefore, [encodeText(agent), at, limit])),
    outstanding: async () => await outstanding.read(),
  };
}

function ids(rows: readonly { readonly id: string }[]): readonly string[] {
  return rows.map(({ id }) => id);
}

interface AttemptColumns {
  readonly run_id: string;
  readonly stage: string;
  readonly fence: number;
}

function attempts(rows: readonly AttemptColumns[]): readonly AttemptRow[] {
  return rows.map(({ run_id, stage, fence }) => ({ run: run_id, task: stage, fence }));
}
