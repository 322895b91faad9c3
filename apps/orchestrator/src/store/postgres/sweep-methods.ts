import type { RunEvent } from '../../pipeline/model.ts';
import { toldStall } from '../../pipeline/stalled.ts';
import type { AttemptRow, RunProgress, Store } from '../store.ts';
import type { Database } from './database.ts';
import { decodeJson, encodeText } from './json.ts';
import { OutstandingScan } from './outstanding-scan.ts';
import { admit } from './sql/slots.ts';
import * as sweep from './sql/sweep.ts';

type SweepMethods = Pick<
  Store,
  'due' | 'admit' | 'suspended' | 'active' | 'progress' | 'unpublished' | 'ofOtherEpochs' | 'dispatchedBefore' | 'outstanding'
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
    progress: async (createdBefore, after, limit) =>
      (await database.query<ProgressColumns>(sweep.progress, [after ?? null, firstIdAt(createdBefore), limit])).map(toProgress),
    unpublished: async (names, limit) => attempts(await database.query(sweep.unpublished, [names, limit])),
    ofOtherEpochs: async (epoch, limit) => attempts(await database.query(sweep.ofOtherEpochs, [epoch, limit])),
    dispatchedBefore: async (agent, at, limit) => attempts(await database.query(sweep.dispatchedBefore, [encodeText(agent), at, limit])),
    outstanding: async () => await outstanding.read(),
  };
}

function ids(rows: readonly { readonly id: string }[]): readonly string[] {
  return rows.map(({ id }) => id);
}

interface ProgressColumns {
  readonly id: string;
  readonly tenant: string;
  readonly pipeline: string;
  readonly status: RunProgress['status'];
  readonly seq: number;
  readonly changed_at: number;
  readonly told: string | null;
  readonly due_at: number | null;
  readonly asked_at: number | null;
}

function toProgress({ id, tenant, pipeline, status, seq, changed_at, told, due_at, asked_at }: ProgressColumns): RunProgress {
  const stall = told === null ? undefined : toldStall((decodeJson(told) as unknown as RunEvent[]).at(-1));
  return {
    ...{ run: id, tenant, pipeline, status, seq, changedAt: stall?.lastEventAt ?? changed_at },
    ...(stall && { told: { reason: stall.reason, since: stall.since } }),
    ...(due_at !== null && { dueAt: due_at }),
    ...(asked_at !== null && { askedAt: asked_at }),
  };
}

const MAX_ID_TIME = 2 ** 48 - 1;

/** The least id (UUIDv7) of that millisecond. */
function firstIdAt(ms: number): string {
  const hex = Math.min(MAX_ID_TIME, Math.max(0, Math.floor(ms)))
    .toString(16)
    .padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

interface AttemptColumns {
  readonly run_id: string;
  readonly stage: string;
  readonly fence: number;
}

function attempts(rows: readonly AttemptColumns[]): readonly AttemptRow[] {
  return rows.map(({ run_id, stage, fence }) => ({ run: run_id, task: stage, fence }));
}
