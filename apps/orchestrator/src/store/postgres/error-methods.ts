import type { ErrorDelta } from '@mainstay/hardening';
import { rateOf, roundedRate } from '../error-rate.ts';
import { errorKey, errorPlace, type ErrorGroupRow, type ErrorStatus, type ErrorStore, isErrorKey, runsOf } from '../errors.ts';
import { cursorKey, pageLimit, toPage } from '../page.ts';
import type { Database, Parameter } from './database.ts';
import { decodeText, encodeText } from './json.ts';
import { isStorable } from './run-methods.ts';
import * as sql from './sql/errors.ts';

interface GroupRow {
  readonly fingerprint: string;
  readonly code: string;
  readonly name: string;
  readonly title: string;
  readonly status: ErrorStatus;
  readonly first_at: number;
  readonly last_at: number;
  readonly n: number;
  readonly rate: number;
  readonly runs: readonly string[];
  readonly truncated: boolean;
  readonly message: string;
  readonly stack: string | null;
  readonly marked_at: number | null;
  readonly marked_by: string | null;
}

/** Errors in groups. */
export function errorMethods(database: Database): ErrorStore {
  const one = async (...asked: Parameters<typeof database.query>): Promise<ErrorGroupRow | undefined> => {
    const [row] = await database.query<GroupRow>(...asked);
    return row === undefined ? undefined : toGroup(row);
  };
  return {
    countErrors: async ({ source, sequence, tenant, deltas }) => {
      await database.query(sql.countErrors, [source, sequence, encodeText(tenant), ...columnsOf(deltas)]);
    },
    errorGroup: async (tenant, fingerprint) =>
      isStorable(tenant + fingerprint) ? await one(sql.errorGroup, [tenant, fingerprint]) : undefined,
    errorGroups: async (tenant, { status, code, run }, page) => {
      const limit = pageLimit(page);
      const key = cursorKey(page, isErrorKey);
      if (!isStorable(tenant + (code ?? '') + (run ?? ''))) return { items: [] };
      const after = key === undefined ? undefined : errorPlace(key);
      const place = [after?.lastSeenAt ?? null, after?.fingerprint ?? null];
      const rows = await database.query<GroupRow>(sql.errorGroups, [
        ...[tenant, status ?? null, code ?? null, run ?? null],
        ...place,
        limit + 1,
      ]);
      return toPage(rows.map(toGroup), limit, errorKey);
    },
    markErrorGroup: async (tenant, fingerprint, status, by) =>
      isStorable(tenant + fingerprint) ? await one(sql.markErrorGroup, [tenant, fingerprint, status, encodeText(by)]) : undefined,
    purgeErrors: async (before, limit) => (await database.query<{ n: number }>(sql.purgeErrors, [before, Math.max(0, limit)]))[0]?.n ?? 0,
  };
}

/** Parameters 4 to 15 of `countErrors`. */
function columnsOf(deltas: readonly ErrorDelta[]): readonly Parameter[] {
  const runs = deltas.map(runsOf);
  return [
    deltas.map(({ fingerprint }) => fingerprint),
    deltas.map(({ code }) => encodeText(code)),
    deltas.map(({ name }) => encodeText(name)),
    deltas.map(({ pattern }) => encodeText(pattern)),
    deltas.map(({ firstSeenAt }) => firstSeenAt),
    deltas.map(({ lastSeenAt }) => lastSeenAt),
    deltas.map(({ count }) => count),
    deltas.map(({ count }) => rateOf(count)),
    runs.map((named) => JSON.stringify(named.runs)),
    runs.map(({ truncated }) => truncated),
    deltas.map(({ sample }) => encodeText(sample.message)),
    deltas.map(({ sample: { stack } }) => (stack === undefined ? null : encodeText(stack))),
  ];
}

function toGroup(row: GroupRow): ErrorGroupRow {
  const { fingerprint, status, n: count, rate, runs, truncated, first_at: firstSeenAt, last_at: lastSeenAt } = row;
  return {
    ...{ fingerprint, code: decodeText(row.code), name: decodeText(row.name), title: decodeText(row.title), status },
    ...{ firstSeenAt, lastSeenAt, count, perMinute: roundedRate(rate), runs, runsTruncated: truncated },
    sample: { message: decodeText(row.message), ...(row.stack !== null && { stack: decodeText(row.stack) }) },
    ...(row.marked_at !== null && { markedAt: row.marked_at }),
    ...(row.marked_by !== null && { markedBy: decodeText(row.marked_by) }),
  };
}
