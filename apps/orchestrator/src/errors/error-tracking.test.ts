import { describe, expect, test } from '@jest/globals';
import type { ErrorOccurrence } from '@mainstay/hardening';
import { createLogger, declareSecrets } from '@mainstay/observability';
import { AgentError, DependencyError, serializeError, ValidationError } from '@mainstay/types';
import { FakeClock } from '@mainstay/utils/testing';
import type { TaskFailure } from '../engine/task-failure.ts';
import type { ErrorFlush } from '../store/errors.ts';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { ErrorTracking } from './error-tracking.ts';

type Fate = 'stored' | 'lost answer' | 'away' | 'refused';

/** A tracking on a memory store whose writes meet a fate each. */
function setUp(...fates: Fate[]) {
  const clock = new FakeClock();
  const store = createMemoryStore({ now: () => clock.now() });
  const lines: string[] = [];
  const sent: ErrorOccurrence[] = [];
  const flushes: ErrorFlush[] = [];
  const countErrors = async (flush: ErrorFlush): Promise<void> => {
    flushes.push(flush);
    const fate = fates.shift() ?? 'stored';
    if (fate === 'refused') throw new ValidationError('VALIDATION_FAILED', 'too odd');
    if (fate !== 'away') await store.countErrors(flush);
    if (fate !== 'stored') throw new DependencyError('POSTGRES_UNAVAILABLE', 'the connection broke');
  };
  const tracking = new ErrorTracking({
    store: { now: () => store.now(), countErrors },
    source: 'orchestrator-1',
    ownTenant: 'default',
    logger: createLogger({ service: 'test', destination: { write: (line) => void lines.push(line) } }),
    exporter: { send: (occurrence) => void sent.push(occurrence), close: () => Promise.resolve() },
    clock,
  });
  const groups = async (tenant: string) => (await store.errorGroups(tenant, {}, { limit: 100 })).items;
  const counts = async (tenant: string) => (await groups(tenant)).map(({ count }) => count);
  return { tracking, clock, lines, sent, flushes, groups, counts };
}

const failure = (message: string, run = 'run-1', tenant = 'acme'): TaskFailure => ({
  ...{ tenant, run, pipeline: 'review', stage: 'scan', agent: 'analysis' },
  error: serializeError(new AgentError('AGENT_FAILED', message)),
});

describe('ErrorTracking', () => {
  test('groups failed attempts by what failed, under the tenant of their runs', async () => {
    const { tracking, groups } = setUp();
    tracking.failed(failure('file 12 is broken', 'run-1'));
    tracking.failed(failure('file 13 is broken', 'run-2'));
    tracking.failed(failure('no memory', 'run-3'));
    tracking.failed(failure('file 1 is broken', 'run-4', 'globex'));
    await tracking.flush();
    expect((await groups('acme')).map(({ title }) => title).sort()).toEqual(['file <n> is broken', 'no memory']);
    expect((await groups('acme')).find(({ count }) => count === 2)).toMatchObject({
      title: 'file <n> is broken',
      runs: ['run-2', 'run-1'],
    });
    expect(await groups('globex')).toMatchObject([{ count: 1, runs: ['run-4'] }]);
  });

  test("keeps the process's own errors apart, with their stacks", async () => {
    const { tracking, groups } = setUp();
    tracking.own(new Error('a bug'));
    await tracking.flush();
    expect(await groups('default')).toMatchObject([
      { code: 'INTERNAL', sample: { stack: expect.stringContaining('error-tracking.test') } },
    ]);
    expect(await groups('acme')).toEqual([]);
  });

  test('shows no stack of its own for an error that came without one', async () => {
    const { tracking, groups } = setUp();
    tracking.failed(failure('it broke'));
    await tracking.flush();
    expect((await groups('acme'))[0]?.sample).toEqual({ message: 'it broke' });
  });

  test('counts once what was stored although the answer was lost', async () => {
    const { tracking, counts, flushes, lines } = setUp('lost answer', 'away');
    tracking.failed(failure('it broke'));
    await tracking.flush();
    tracking.failed(failure('it broke'));
    await tracking.flush();
    await tracking.flush();
    expect(await counts('acme')).toEqual([2]);
    expect(flushes.map(({ sequence }) => sequence)).toEqual([1, 1, 1, 2]);
    expect(lines.filter((line) => line.includes('storing counts of errors'))).toHaveLength(2);
  });

  test('loses nothing while the store is away', async () => {
    const { tracking, counts } = setUp(...Array.from({ length: 20 }, (): Fate => 'away'));
    for (let n = 0; n < 5; n++) {
      tracking.failed(failure('it broke'));
      tracking.own(new DependencyError('POSTGRES_UNAVAILABLE', 'away'));
      await tracking.flush();
    }
    for (let n = 0; n < 20; n++) await tracking.flush();
    expect([await counts('acme'), await counts('default'), tracking.lost]).toEqual([[5], [5], 0]);
  });

  test('gives up what the store refuses, and says so', async () => {
    const { tracking, counts, lines } = setUp('refused');
    tracking.failed(failure('it broke'));
    await tracking.flush();
    tracking.failed(failure('it broke'));
    await tracking.flush();
    expect([await counts('acme'), tracking.lost]).toEqual([[1], 1]);
    expect(lines.join('')).toContain('"lost":1');
  });

  test('bounds the tenants that it holds, and makes room once they are stored', async () => {
    const { tracking, counts } = setUp();
    for (let n = 0; n < 60; n++) tracking.failed(failure('it broke', 'run', `tenant-${String(n)}`));
    expect(tracking.lost).toBe(10);
    await tracking.flush();
    tracking.failed(failure('it broke', 'run', 'tenant-59'));
    await tracking.flush();
    expect([await counts('tenant-59'), await counts('tenant-1'), tracking.lost]).toEqual([[1], [1], 10]);
  });

  test('lets no secret out, neither into the store nor to the exporter', async () => {
    const { tracking, groups, sent } = setUp();
    const cause = new Error('redis://:hunter2@host refused');
    tracking.own(new DependencyError('REDIS_UNAVAILABLE', 'postgres://me:hunter2@host/db is away', { cause, details: { url: 'hunter2' } }));
    await tracking.flush();
    expect(JSON.stringify([await groups('default'), sent])).not.toContain('hunter2');
    expect(sent).toMatchObject([{ tags: { source: 'orchestrator-1' }, error: { code: 'REDIS_UNAVAILABLE' } }]);
  });

  test('leaves no part of a secret in the title of a group, where numbers are left out, and hides what the process declared', async () => {
    const { tracking, groups, sent } = setUp();
    declareSecrets([/cust-[a-z]{3}\d{2}[a-z]/]);
    try {
      tracking.failed(failure('denied: sk-hunter2ab3cd4ef5gh6ij7 of cust-abc12x'));
    } finally {
      declareSecrets([]);
    }
    await tracking.flush();
    const [group] = await groups('acme');
    expect(group).toMatchObject({ title: 'denied: [redacted] of [redacted]', sample: { message: 'denied: [redacted] of [redacted]' } });
    expect(JSON.stringify([group, sent])).not.toMatch(/hunter|cust-/);
  });

  test('hands over every few seconds, and at the end', async () => {
    const { tracking, clock, counts } = setUp();
    tracking.start();
    tracking.failed(failure('it broke'));
    await clock.advance(4_000);
    expect(await counts('acme')).toEqual([]);
    await clock.advance(2_000);
    expect(await counts('acme')).toEqual([1]);
    tracking.failed(failure('it broke'));
    await tracking.stop();
    expect(await counts('acme')).toEqual([2]);
    expect(clock.pendingTimers).toBe(0);
  });
});
