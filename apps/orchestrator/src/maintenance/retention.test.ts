import { afterEach, describe, expect, test } from '@jest/globals';
import { createLogger, createMetrics } from '@mainstay/observability';
import { DependencyError } from '@mainstay/types';
import { FakeClock } from '@mainstay/utils/testing';
import { newAuditEntry } from '../store/audit-entry.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import type { Store } from '../store/store.ts';
import { change, mark, newRun } from '../store/testing/changes.ts';
import { commit, create } from '../store/testing/setup.ts';
import { Retention } from './retention.ts';
import { retentionPolicy } from './retention-policy.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

const clock = new FakeClock();
const metrics = createMetrics({ service: 'test', processMetrics: false });
const lines: { readonly msg: string; readonly removed?: number }[] = [];
const destination = { write: (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[number]) };
const logger = createLogger({ service: 'test', level: 'info', destination });
const opened: Retention[] = [];

afterEach(async () => {
  for (const retention of opened.splice(0)) await retention.stop();
  lines.splice(0);
  expect(clock.pendingTimers).toBe(0);
});

function open(store: Pick<Store, 'now' | 'purge' | 'history'>, days: number, everyMinutes = 60, auditKeepMs?: number): Retention {
  const whole = { purgeErrors: () => Promise.resolve(0), purgeAudit: () => Promise.resolve(0), ...store };
  const policy = retentionPolicy(days, everyMinutes);
  const audit = auditKeepMs === undefined ? {} : { auditKeepMs };
  const retention = new Retention({ store: whole, policy, ...audit, logger, metrics, clock, random: () => 0.5 });
  opened.push(retention);
  return retention;
}

const memoryStore = () => createMemoryStore({ now: () => clock.now() });

/** Creates a run that ended so many milliseconds ago. */
async function ended(store: Store, agoMs: number): Promise<string> {
  const state = await create(store);
  await commit(store, change(state, { status: 'succeeded', finishedAt: clock.now() - agoMs }));
  return state.id;
}

async function ids(store: Store, ...runs: readonly string[]): Promise<readonly string[]> {
  const states = await store.load(runs);
  return runs.filter((run) => states.has(run));
}

describe('Retention', () => {
  test('removes what is past its keep, at the first look and each hour, and leaves the rest', async () => {
    const store = memoryStore();
    const [old, young] = [await ended(store, 2 * DAY_MS), await ended(store, DAY_MS - HOUR_MS)];
    const active = (await create(store)).id;
    open(store, 1).start();
    await clock.advance(29_000);
    expect(await ids(store, old, young, active)).toEqual([old, young, active]);
    await clock.advance(2_000);
    expect(await ids(store, old, young, active)).toEqual([young, active]);
    expect(lines.map(({ msg, removed }) => [msg, removed])).toEqual([
      ['removing old finished runs', undefined],
      ['removed old finished runs', 1],
    ]);
    await clock.advance(2 * HOUR_MS);
    expect(await ids(store, young, active)).toEqual([active]);
    const text = await metrics.text();
    expect(text).toMatch(/^mainstay_retention_removed_runs_total\{.*\} 2$/m);
    expect(text).toMatch(/^mainstay_oldest_finished_run_age_seconds\{.*\} \d+(?:\.\d+)?$/m);
  });

  test('forgets errors that were not seen for as long as runs are kept', async () => {
    const store = memoryStore();
    const delta = (fingerprint: string, at: number) => ({
      ...{ fingerprint, code: 'AGENT_FAILED', name: 'AgentError', pattern: 'it broke', firstSeenAt: 0, lastSeenAt: at, count: 1, runs: [] },
      sample: { message: 'it broke' },
    });
    const deltas = [delta('a'.repeat(16), clock.now() - 2 * DAY_MS), delta('b'.repeat(16), clock.now() - HOUR_MS)];
    await store.countErrors({ source: 'one', sequence: 1, tenant: 'tenant-1', deltas });
    open(store, 1).start();
    await clock.advance(60_000);
    const { items } = await store.errorGroups('tenant-1', {}, { limit: 10 });
    expect(items.map(({ fingerprint }) => fingerprint)).toEqual(['b'.repeat(16)]);
    expect(lines.at(-1)).toMatchObject({ msg: 'removed old groups of errors', removed: 1 });
  });

  test('keeps errors for their own time where one is set, and removes what others keep; what fails is tried again', async () => {
    const store = memoryStore();
    const before: number[] = [];
    let tries = 0;
    const remove = () => ((tries += 1) === 1 ? Promise.reject(new Error('no such folder')) : Promise.resolve(2));
    const purgeErrors = (cutOff: number) => Promise.resolve((before.push(cutOff), 0));
    const policy = retentionPolicy(0, 60, 7);
    const others = [{ what: 'heap snapshots', remove }];
    const retention = new Retention({ store: { ...store, purgeErrors }, policy, others, logger, metrics, clock, random: () => 0.5 });
    opened.push(retention);
    retention.start();
    await clock.advance(31_000);
    expect(before).toEqual([clock.now() - 1_000 - 7 * DAY_MS]);
    expect(lines.map(({ msg }) => msg)).toEqual(['old heap snapshots could not be removed; the next look tries again']);
    await clock.advance(HOUR_MS);
    expect(lines.at(-1)).toMatchObject({ msg: 'removed old heap snapshots', removed: 2 });
    expect(retentionPolicy(30, 60)).toMatchObject({ keepMs: 30 * DAY_MS, errorsKeepMs: 30 * DAY_MS });
    expect(retentionPolicy(30, 60, 0)).not.toHaveProperty('errorsKeepMs');
  });

  test('forgets audit records by their own time, however long runs are kept', async () => {
    const store = memoryStore();
    const entry = (target: string) =>
      newAuditEntry({ tenant: 'default', actor: 'admin', action: 'runs.removed', target, details: {}, correlationId: '' });
    await store.record(Array.from({ length: 1_001 }, (_, n) => entry(String(n))));
    await clock.advance(DAY_MS);
    await store.record([entry('young')]);
    open(store, 0, 60, DAY_MS - HOUR_MS).start();
    await clock.advance(60_000);
    const { items } = await store.auditRecords('default', {}, { limit: 10 });
    const told = items.filter(({ action }) => action === 'audit.purged').map(({ details }) => details['records']);
    expect([items.length, told.toSorted()]).toEqual([3, [1, 1_000]]);
    expect(lines.at(-1)).toMatchObject({ msg: 'removed old audit records', removed: 1_001 });
  });

  test('keeps everything for ever with 0 days, and still removes on request', async () => {
    const store = memoryStore();
    const run = await ended(store, 1_000 * DAY_MS);
    const retention = open(store, 0);
    retention.start();
    await clock.advance(DAY_MS);
    expect(await ids(store, run)).toEqual([run]);
    expect(await retention.status()).toEqual({ runs: 1, oldestEndedAt: expect.any(Number) });
    expect(await retention.status(DAY_MS)).toMatchObject({ runs: 1, past: 1, before: clock.now() - DAY_MS });
    expect(await retention.remove(DAY_MS, 10)).toMatchObject({ removed: 1 });
  });

  test('takes fractions of days and minutes', async () => {
    const store = memoryStore();
    const run = await ended(store, HOUR_MS);
    open(store, 0.5 / 24, 0.01).start();
    await clock.advance(1_000);
    expect(await ids(store, run)).toEqual([]);
  });

  test('two at once remove each run once', async () => {
    const store = memoryStore();
    for (let n = 0; n < 20; n++) await ended(store, 2 * DAY_MS);
    open(store, 1).start();
    open(store, 1).start();
    await clock.advance(HOUR_MS);
    const removed = lines.reduce((sum, line) => sum + (line.removed ?? 0), 0);
    expect([removed, (await store.history()).runs]).toEqual([20, 0]);
  });

  test('looks again after a look that failed', async () => {
    const store = memoryStore();
    const run = await ended(store, 2 * DAY_MS);
    let away = true;
    const shaky = {
      now: () => store.now(),
      history: () => store.history(),
      purge: (before: number, limit: number) =>
        away ? Promise.reject(new DependencyError('POSTGRES_UNAVAILABLE', 'away')) : store.purge(before, limit),
    };
    open(shaky, 1).start();
    await clock.advance(60_000);
    expect(lines.at(-1)?.msg).toBe('finished runs could not be removed; the next look tries again');
    away = false;
    await clock.advance(2 * HOUR_MS);
    expect(await ids(store, run)).toEqual([]);
  });

  test('stops in the pause at once and removes nothing afterwards', async () => {
    const store = memoryStore();
    const slow = {
      now: () => store.now(),
      history: () => Promise.resolve({ runs: 1_000, oldestEndedAt: clock.now() - 2 * DAY_MS }),
      purge: (_before: number, limit: number) => clock.sleep(500).then(() => limit),
    };
    const retention = open(slow, 1);
    retention.start();
    await clock.advance(31_000);
    await retention.stop();
    expect(lines.at(-1)).toMatchObject({ msg: 'removed old finished runs', removed: 500 });
    await expect(retention.remove(0, 1)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  });
});

test('a run that is removed while somebody has its state cannot be brought back by a late write', async () => {
  const store = memoryStore();
  const [creation] = await store.create([newRun({})], mark);
  if (creation?.status !== 'created') throw new Error('not created');
  const { state } = creation.change;
  await commit(store, change(state, { status: 'failed', finishedAt: clock.now() - DAY_MS }));
  const failed = (await store.load([state.id])).get(state.id);
  expect(await open(store, 1).remove(HOUR_MS, 10)).toMatchObject({ removed: 1, more: false });
  expect(failed === undefined ? undefined : await store.commit([change(failed, { status: 'running' })], mark)).toEqual(new Set());
  expect(await ids(store, state.id)).toEqual([]);
});
