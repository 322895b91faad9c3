import type { ErrorDelta } from '@mainstay/hardening';
import { decayedRate, rateOf, roundedRate } from '../error-rate.ts';
import {
  errorKey,
  errorPlace,
  type ErrorGroupRow,
  type ErrorStore,
  isErrorKey,
  MAX_ERROR_GROUPS,
  MAX_ERROR_RUNS,
  runsOf,
} from '../errors.ts';
import { cursorKey, pageLimit, toPage } from '../page.ts';
import { freezeDeep } from './freeze.ts';
import { pairKey, type Tables } from './tables.ts';

/** A group as the memory store keeps it. */
export interface ErrorRecord extends Omit<ErrorGroupRow, 'perMinute'> {
  readonly tenant: string;
  /** Per minute, at `ratedAt`. */
  readonly rate: number;
  readonly ratedAt: number;
}

export function errorMethods(tables: Tables): ErrorStore {
  const own = (tenant: string, fingerprint: string): ErrorRecord | undefined => tables.errorGroups.get(pairKey(tenant, fingerprint));
  const put = (record: ErrorRecord): void => void tables.errorGroups.set(pairKey(record.tenant, record.fingerprint), freezeDeep(record));
  const show = (record: ErrorRecord): ErrorGroupRow => view(record, tables.now());
  return {
    countErrors: ({ source, sequence, tenant, deltas }) => {
      if ((tables.errorFlushes.get(source) ?? 0) >= sequence) return Promise.resolve();
      tables.errorFlushes.set(source, sequence);
      for (const delta of deltas) put(added(own(tenant, delta.fingerprint), tenant, delta, tables.now()));
      return Promise.resolve();
    },
    errorGroup: (tenant, fingerprint) => {
      const record = own(tenant, fingerprint);
      return Promise.resolve(record && show(record));
    },
    errorGroups: (tenant, { status, code, run }, page) =>
      Promise.resolve().then(() => {
        const key = cursorKey(page, isErrorKey);
        const after = key === undefined ? undefined : errorPlace(key);
        const found = [...tables.errorGroups.values()].filter(
          (group) =>
            group.tenant === tenant &&
            (status ?? group.status) === group.status &&
            (code ?? group.code) === group.code &&
            (run === undefined || group.runs.includes(run)) &&
            (after === undefined || newestFirst(after, group) < 0),
        );
        return toPage(found.toSorted(newestFirst).map(show), pageLimit(page), errorKey);
      }),
    markErrorGroup: (tenant, fingerprint, status, by) => {
      const record = own(tenant, fingerprint);
      if (record === undefined) return Promise.resolve(undefined);
      const marked = { ...record, status, markedAt: tables.now(), markedBy: by };
      put(marked);
      return Promise.resolve(show(marked));
    },
    purgeErrors: (before, limit) => {
      const groups = [...tables.errorGroups.entries()].toSorted(([, a], [, b]) => newestFirst(a, b));
      const old = groups.filter(([, { lastSeenAt }]) => lastSeenAt < before).slice(0, limit);
      const places = new Map<string, number>();
      const surplus = groups.filter(([, { tenant }]) => {
        const place = (places.get(tenant) ?? 0) + 1;
        places.set(tenant, place);
        return place > MAX_ERROR_GROUPS;
      });
      const gone = new Set([...old, ...surplus.slice(0, limit)].map(([key]) => key));
      for (const key of gone) tables.errorGroups.delete(key);
      return Promise.resolve(gone.size);
    },
  };
}

type Place = Pick<ErrorRecord, 'lastSeenAt' | 'fingerprint'>;

function newestFirst(a: Place, b: Place): number {
  return b.lastSeenAt - a.lastSeenAt || (a.fingerprint < b.fingerprint ? 1 : a.fingerprint > b.fingerprint ? -1 : 0);
}

function added(before: ErrorRecord | undefined, tenant: string, delta: ErrorDelta, now: number): ErrorRecord {
  const { runs, truncated } = runsOf(delta);
  const { fingerprint, code, name, pattern: title, firstSeenAt, lastSeenAt, count, sample } = delta;
  const fresh: ErrorRecord = {
    ...{ tenant, fingerprint, code, name, title, status: 'open', firstSeenAt, lastSeenAt, count, runs, runsTruncated: truncated, sample },
    ...{ rate: rateOf(count), ratedAt: now },
  };
  if (before === undefined) return fresh;
  const all = [...new Set([...runs, ...before.runs])];
  const isBack = before.status === 'resolved' && lastSeenAt > (before.markedAt ?? 0);
  return {
    ...before,
    status: isBack ? 'open' : before.status,
    firstSeenAt: Math.min(before.firstSeenAt, firstSeenAt),
    lastSeenAt: Math.max(before.lastSeenAt, lastSeenAt),
    count: before.count + count,
    rate: decayedRate(before.rate, now - before.ratedAt) + fresh.rate,
    ratedAt: now,
    runs: all.slice(0, MAX_ERROR_RUNS),
    runsTruncated: before.runsTruncated || truncated || all.length > MAX_ERROR_RUNS,
    sample: lastSeenAt >= before.lastSeenAt ? sample : before.sample,
  };
}

function view({ tenant: _tenant, rate, ratedAt, ...row }: ErrorRecord, now: number): ErrorGroupRow {
  return { ...row, perMinute: roundedRate(decayedRate(rate, now - ratedAt)) };
}
