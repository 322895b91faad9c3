import { isUuid } from '@mainstay/types';
import type { FinalRunStatus } from '../../pipeline/model.ts';
import type { Store } from '../store.ts';
import type { Database } from './database.ts';
import { isStorable } from './run-methods.ts';
import { ended, endedAround, history, purge } from './sql/retention.ts';

type RetentionMethods = Pick<Store, 'ended' | 'endedAround' | 'purge' | 'history'>;

/** Before every id. */
const FIRST = '00000000-0000-0000-0000-000000000000';

/** Runs that are over. */
export function retentionMethods(database: Database): RetentionMethods {
  return {
    ended: async (tenant, since, after, limit) => {
      if (!isStorable(tenant)) return [];
      const isLater = after !== undefined && after.at >= since && isUuid(after.run);
      const from = isLater ? [after.at, after.run] : [since, FIRST];
      const rows = await database.query<{ id: string; status: FinalRunStatus; at: number }>(ended, [tenant, ...from, Math.max(0, limit)]);
      return rows.map(({ id, status, at }) => ({ run: id, status, at }));
    },
    endedAround: async (orchestrator, beforeMs, afterMs, limit) => {
      const rows = await database.query<{ id: string }>(endedAround, [orchestrator, beforeMs, afterMs, Math.max(0, limit)]);
      return rows.map(({ id }) => id);
    },
    purge: async (before, limit) => (await database.query<{ n: number }>(purge, [before, Math.max(0, limit)]))[0]?.n ?? 0,
    history: async (before) => {
      const [row] = await database.query<{ runs: number; at: number | null; past: number | null }>(history, [before ?? null]);
      const { runs = 0, at = null, past = null } = row ?? {};
      return { runs, ...(at !== null && { oldestEndedAt: at }), ...(past !== null && { past }) };
    },
  };
}
