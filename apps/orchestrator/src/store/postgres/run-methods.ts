import { isUuid } from '@mainstay/types';
import type { RunEvent } from '../../pipeline/model.ts';
import type { Store } from '../store.ts';
import { commitRuns, type OnRefused } from './commit-runs.ts';
import { createRuns } from './create-runs.ts';
import type { Database } from './database.ts';
import { decodeRuns } from './decode.ts';
import { decodeJson } from './json.ts';
import { SentMarks } from './sent-marks.ts';
import { readEvents } from './sql/events.ts';
import { load, loadOwn, type LoadRow } from './sql/load.ts';

type RunMethods = Pick<Store, 'create' | 'commit' | 'load' | 'run' | 'events'>;

/** Runs per statement of `load`. */
const LOAD_PIECE = 1_000;

export function runMethods(database: Database, onRefused: OnRefused): RunMethods {
  const marks = new SentMarks();
  return {
    create: async (runs, mark) => await createRuns({ database, marks }, runs, mark),
    commit: async (changes, mark) => await commitRuns({ database, marks, onRefused }, changes, mark),
    load: async (ids) => {
      const known = ids.filter(isUuid);
      const rows: LoadRow[] = [];
      for (let from = 0; from < known.length; from += LOAD_PIECE) {
        for (const row of await database.query<LoadRow>(load, [known.slice(from, from + LOAD_PIECE)])) rows.push(row);
      }
      return decodeRuns(rows, marks);
    },
    run: async (tenant, id) => {
      if (!isUuid(id) || !isStorable(tenant)) return undefined;
      return decodeRuns(await database.query<LoadRow>(loadOwn, [[id], tenant]), marks).get(id);
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

/** Text columns cannot hold NUL; nothing with one in its name is stored. */
export function isStorable(text: string): boolean {
  return !text.includes('\0');
}

/** Fits Postgres's integer. */
function whole(value: number): number {
  return Math.max(-1, Math.min(2_147_483_647, Math.trunc(value) || 0));
}
