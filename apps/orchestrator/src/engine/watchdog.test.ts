import { describe, expect, test } from '@jest/globals';
import { createLogger, createMetrics } from '@mainstay/observability';
import { DependencyError, uuidv7 } from '@mainstay/types';
import { FakeClock } from '@mainstay/utils/testing';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import type { RunProgress, Store } from '../store/store.ts';
import type { RunInput, RunState } from '../pipeline/model.ts';
import type { Applier } from './applier.ts';
import type { MissingKind } from './engine.ts';
import { Members } from './members.ts';
import { stallOf, Watchdog } from './watchdog.ts';

const NOW = 10_000_000;
const limits = { stalledMs: 1_000, undecidedMs: 100_000 };
const row = (more: Partial<RunProgress> = {}): RunProgress => ({
  ...{ run: uuidv7(), tenant: 't', pipeline: 'p', status: 'running', seq: 3, changedAt: NOW },
  ...more,
});

describe('stallOf', () => {
  test.each<[string, Partial<RunProgress>, boolean, object | undefined]>([
    ['one that has just changed advances', {}, false, undefined],
    ['one that runs without news is silent', { changedAt: NOW - 1_001 }, false, { reason: 'silent', since: NOW - 1_001 }],
    ['one of which a live worker has something advances', { changedAt: NOW - 50_000 }, true, undefined],
    ['one that waits for a time advances', { status: 'waiting', changedAt: NOW - 50_000, dueAt: NOW + 1 }, false, undefined],
    ['one that was due is overdue', { status: 'waiting', dueAt: NOW - 1_001 }, true, { reason: 'overdue', since: NOW - 1_001 }],
    ['one that asks may wait', { status: 'waiting', changedAt: NOW - 99_000, askedAt: NOW - 99_000 }, false, undefined],
    ['but not for ever', { status: 'waiting', askedAt: NOW - 100_001 }, false, { reason: 'undecided', since: NOW - 100_001 }],
  ])('%s', (_, more, isAlive, expected) => {
    const found = stallOf(row(more), NOW, isAlive, limits);
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found).toMatchObject(expected);
  });
});

function scene(rows: RunProgress[], owns = true) {
  let away = false;
  const lines: { level: string; msg: string; run?: string }[] = [];
  const logger = createLogger({
    repeats: false,
    service: 'test',
    destination: { write: (line: string) => lines.push(JSON.parse(line) as (typeof lines)[number]) },
  });
  const metrics = createMetrics({ service: 'test', processMetrics: false });
  const members = new Members({ self: 'me', leaseMs: 1_000, absentMs: 100 });
  const store: Store = {
    ...createMemoryStore(),
    now: () => NOW,
    progress: (_before, after, limit) => {
      const page = rows.filter(({ run }) => after === undefined || run > after).slice(0, limit);
      return away ? Promise.reject(new DependencyError('POSTGRES_UNAVAILABLE', 'away')) : Promise.resolve(page);
    },
  };
  const clock = new FakeClock();
  const missing: MissingKind[] = [];
  const missingKinds = () => missing;
  const told: [string, RunInput][] = [];
  /** As the store keeps it: what was told is the run's last event. */
  const apply: Applier['apply'] = (run, input) => {
    if (away || input.type !== 'stalled') return Promise.reject(new DependencyError('POSTGRES_UNAVAILABLE', 'away'));
    told.push([run, input]);
    const at = rows.findIndex((one) => one.run === run);
    const known = rows[at];
    if (known !== undefined) rows[at] = { ...known, seq: known.seq + 1, told: { reason: input.reason, since: input.since } };
    return Promise.resolve({ verdict: { taken: true }, state: {} as RunState });
  };
  const deps = { store, members, owns: () => owns, missingKinds, applier: { apply }, metrics, clock, logger, ...limits, watchdogMs: 10 };
  const watchdog = new Watchdog(deps);
  const again = (): Watchdog => new Watchdog({ ...deps, metrics: createMetrics({ service: 'again', processMetrics: false }) });
  return { watchdog, again, told, missing, lines, metrics, members, clock, rows, setAway: (now: boolean) => (away = now) };
}

describe('Watchdog', () => {
  test('tells of kinds without workers once, and when nothing waits for them any more; shows the oldest stall', async () => {
    const { watchdog, missing, lines, metrics } = scene([row({ changedAt: NOW - 5_000 }), row({ changedAt: NOW - 7_000 })], false);
    missing.push({ agent: 'x', waiting: 3, since: NOW - 60_000 });
    await watchdog.look();
    await watchdog.look();
    missing.pop();
    await watchdog.look();
    expect(lines.map(({ level, msg }) => [level, msg])).toEqual([
      ['warn', 'tasks wait, and no worker offers their kind'],
      ['info', 'no task waits for a kind without workers any more'],
    ]);
    expect(await metrics.text()).toMatch(/mainstay_oldest_stall_age_seconds\{.*reason="silent".*\} 7$/m);
  });

  test('tells of each stalled run once, counts all of them, and says when all advance again', async () => {
    const { watchdog, lines, metrics, rows } = scene([row({ changedAt: NOW - 5_000 }), row(), row({ dueAt: NOW - 9_000 })]);
    for (let i = 0; i < 3; i++) await watchdog.look();
    expect(lines.map(({ level, run }) => [level, run])).toEqual([
      ['warn', rows[0]?.run],
      ['warn', rows[2]?.run],
    ]);
    expect(watchdog.stalled).toMatchObject({ silent: 1, overdue: 1, undecided: 0, oldest: [{ run: rows[2]?.run }, { run: rows[0]?.run }] });
    expect(await metrics.text()).toContain('mainstay_stalled_runs{reason="silent",service="test"} 1');
    rows.splice(0, 3, row());
    await watchdog.look();
    expect(lines.slice(2).map(({ level, msg }) => [level, msg])).toEqual([['info', 'all runs advance again']]);
    expect(await metrics.text()).toContain('mainstay_stalled_runs{reason="silent",service="test"} 0');
  });

  test('has each stall written down once, whoever looks after the run by then, and a further one when it is another', async () => {
    const { watchdog, again, told, rows } = scene([row({ changedAt: NOW - 5_000 }), row()]);
    const [silent] = rows;
    if (silent === undefined) throw new Error('no row');
    for (let i = 0; i < 3; i++) await watchdog.look();
    await again().look();
    expect(told).toEqual([[silent.run, { type: 'stalled', reason: 'silent', since: NOW - 5_000, lastEventAt: NOW - 5_000, seq: 3 }]]);
    rows[0] = { ...silent, seq: 9, changedAt: NOW - 2_000 };
    await watchdog.look();
    await watchdog.look();
    expect(told.slice(1).map(([, input]) => input)).toMatchObject([{ since: NOW - 2_000, seq: 9 }]);
  });

  test('tries again to write down what could not be written', async () => {
    const { watchdog, told, setAway, rows } = scene([row({ changedAt: NOW - 5_000 })]);
    setAway(true);
    await expect(watchdog.look()).rejects.toThrow('away');
    setAway(false);
    await watchdog.look();
    expect(told.map(([run]) => run)).toEqual([rows[0]?.run]);
  });

  test('looks at many runs in rounds, and counts whole rounds only', async () => {
    const many = Array.from({ length: 1_500 }, () => row({ changedAt: NOW - 5_000 })).sort((a, b) => (a.run < b.run ? -1 : 1));
    const { watchdog, lines } = scene(many);
    await watchdog.look();
    expect([watchdog.stalled.silent, lines.length]).toEqual([0, 0]);
    await watchdog.look();
    expect([watchdog.stalled.silent, watchdog.stalled.oldest.length, lines.length]).toEqual([1_500, 100, 100]);
  });

  test('leaves log and event to the orchestrator that looks after the run', async () => {
    const { watchdog, lines, told } = scene([row({ changedAt: NOW - 5_000 })], false);
    await watchdog.look();
    expect([watchdog.stalled.silent, lines, told]).toEqual([1, [], []]);
  });

  test('does not take a run for stalled of which a live worker says that it runs something', async () => {
    const { watchdog, members, rows } = scene([row({ changedAt: NOW - 5_000 })]);
    const running = [{ run: rows[0]?.run ?? '', task: 'a', fence: 1 }];
    const of = { v: 1, type: 'heartbeat', worker: 'w', host: 'h', pid: 1, version: '1', startedAt: 0, capacity: 1, rssBytes: 1 } as const;
    members.heartbeat({ ...of, kinds: ['x'], running, draining: false }, 0, 0);
    await watchdog.look();
    expect(watchdog.stalled.silent).toBe(0);
  });

  test('goes on looking when the store is away for a while, and ends with the signal', async () => {
    const { watchdog, clock, rows, setAway } = scene([row({ changedAt: NOW - 5_000 })]);
    const stop = new AbortController();
    const ended = watchdog.run(stop.signal);
    await clock.advance(9);
    expect(watchdog.stalled.silent).toBe(0);
    await clock.advance(1);
    expect(watchdog.stalled.silent).toBe(1);
    rows.pop();
    setAway(true);
    await clock.advance(20);
    expect(watchdog.stalled.silent).toBe(1);
    setAway(false);
    await clock.advance(10);
    expect(watchdog.stalled.silent).toBe(0);
    stop.abort();
    await ended;
  });
});
