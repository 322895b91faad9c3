import { describe, expect, test } from '@jest/globals';
import type { ErrorDelta } from '@mainstay/hardening';
import type { StoreOf } from '../contract.ts';
import { MAX_ERROR_RUNS } from '../errors.ts';
import { emptyStore } from './setup.ts';

const A = 'a'.repeat(16);
const B = 'b'.repeat(16);

function delta(more: Partial<ErrorDelta> = {}): ErrorDelta {
  return {
    ...{ fingerprint: A, code: 'AGENT_FAILED', name: 'AgentError', pattern: 'it broke after <n> s', firstSeenAt: 1_000, lastSeenAt: 2_000 },
    ...{ count: 3, runs: ['run-1', 'run-2'], sample: { message: 'it broke after 5 s', stack: 'Error\n    at f (/x.ts:1:2)' } },
    ...more,
  };
}

export function errorContract(fixture: StoreOf): void {
  const store = emptyStore(fixture);
  const count = (sequence: number, deltas: readonly ErrorDelta[], source = 'one', tenant = 'tenant-1'): Promise<void> =>
    store().countErrors({ source, sequence, tenant, deltas });
  const group = async (fingerprint = A, tenant = 'tenant-1') => await store().errorGroup(tenant, fingerprint);

  describe('groups of errors', () => {
    test('begin with what was seen first', async () => {
      await count(1, [delta()]);
      expect(await group()).toEqual({
        ...{ fingerprint: A, code: 'AGENT_FAILED', name: 'AgentError', title: 'it broke after <n> s', status: 'open' },
        ...{ firstSeenAt: 1_000, lastSeenAt: 2_000, count: 3, perMinute: 0.6, runs: ['run-2', 'run-1'], runsTruncated: false },
        sample: { message: 'it broke after 5 s', stack: 'Error\n    at f (/x.ts:1:2)' },
      });
      expect(await group(B)).toBeUndefined();
      expect(await group(A, 'tenant-2')).toBeUndefined();
      expect(await group('\0', '\0')).toBeUndefined();
    });

    test('add up, whichever process tells first', async () => {
      await count(1, [delta({ firstSeenAt: 5_000, lastSeenAt: 6_000, count: 10, runs: ['run-3'] })], 'one');
      await count(
        1,
        [delta({ count: 2, sample: { message: 'older' } }), delta({ fingerprint: B, sample: { message: 'no stack' } })],
        'two',
      );
      expect(await group()).toMatchObject({
        ...{ firstSeenAt: 1_000, lastSeenAt: 6_000, count: 12, runs: ['run-2', 'run-1', 'run-3'] },
        sample: { message: 'it broke after 5 s' },
      });
      expect((await group())?.perMinute).toBeCloseTo(2.4, 1);
      expect((await group(B))?.sample).toEqual({ message: 'no stack' });
    });

    test('count a flush that comes again once, and one that comes late not at all', async () => {
      await count(1, [delta()]);
      await count(2, [delta()]);
      await count(2, [delta()]);
      await count(1, [delta()]);
      expect((await group())?.count).toBe(6);
      await count(1, [delta()], 'two');
      await count(3, []);
      await count(3, [delta()]);
      expect((await group())?.count).toBe(9);
    });

    test('add up what many processes tell at once', async () => {
      const flushes = Array.from({ length: 12 }, (_, index) =>
        count(1, index % 2 === 0 ? [delta(), delta({ fingerprint: B })] : [delta({ fingerprint: B }), delta()], `process-${String(index)}`),
      );
      await Promise.all(flushes);
      expect([(await group())?.count, (await group(B))?.count]).toEqual([36, 36]);
    });

    test('name some of the runs, the newest, and say so', async () => {
      const runs = Array.from({ length: MAX_ERROR_RUNS }, (_, index) => `run-${String(index)}`);
      await count(1, [delta({ runs, count: MAX_ERROR_RUNS })]);
      expect((await group())?.runsTruncated).toBe(false);
      await count(2, [delta({ runs: ['run-3', 'last'] })]);
      const { runs: named = [], runsTruncated } = (await group()) ?? {};
      expect([named.length, named[0], named[1], named.includes('run-0'), runsTruncated]).toEqual([20, 'last', 'run-3', false, true]);
      await count(3, [delta({ fingerprint: B, runs, count: 100 })]);
      expect((await group(B))?.runsTruncated).toBe(true);
    });

    test('keep any text', async () => {
      const message = 'NUL \0, half a pair \ud800, \uf8ff and "quotes"';
      await count(1, [delta({ pattern: message, name: message, sample: { message, stack: message } })]);
      expect(await group()).toMatchObject({ title: message, name: message, sample: { message, stack: message } });
    });

    test('are listed by when they were seen last, in pages, each tenant its own', async () => {
      const prints = ['1', '2', '3', '4', '5'].map((digit) => digit.repeat(16));
      const times = [3_000, 1_000, 5_000, 3_000, 2_000];
      const deltas = prints.map((fingerprint, index) =>
        delta({ fingerprint, lastSeenAt: times[index] ?? 0, code: `CODE_${String(index % 2)}` }),
      );
      await count(1, deltas);
      await count(2, [delta({ fingerprint: B, runs: ['run-9'] })], 'one', 'tenant-2');
      const seen: string[] = [];
      for (let cursor: string | undefined, more = true; more;) {
        const page = await store().errorGroups('tenant-1', {}, { limit: 2, ...(cursor !== undefined && { cursor }) });
        seen.push(...page.items.map(({ fingerprint }) => fingerprint));
        cursor = page.cursor;
        more = cursor !== undefined;
      }
      expect(seen).toEqual([prints[2], prints[3], prints[0], prints[4], prints[1]]);
      const list = async (filter: object, tenant = 'tenant-1') =>
        (await store().errorGroups(tenant, filter, { limit: 10 })).items.map(({ fingerprint }) => fingerprint);
      expect(await list({ code: 'CODE_1' })).toEqual([prints[3], prints[1]]);
      expect(await list({ run: 'run-9' })).toEqual([]);
      expect(await list({ run: 'run-9' }, 'tenant-2')).toEqual([B]);
      expect(await list({ code: '\0' })).toEqual([]);
      await expect(store().errorGroups('tenant-1', {}, { limit: 2, cursor: 'nonsense' })).rejects.toMatchObject({
        code: 'VALIDATION_FAILED',
      });
    });

    test('are resolved until they are seen again; ignored ones stay so', async () => {
      await count(1, [delta(), delta({ fingerprint: B })]);
      const resolved = await store().markErrorGroup('tenant-1', A, 'resolved', 'ann');
      expect(resolved).toMatchObject({ fingerprint: A, status: 'resolved', markedBy: 'ann', markedAt: expect.any(Number) });
      await store().markErrorGroup('tenant-1', B, 'ignored', 'ann');
      expect((await store().errorGroups('tenant-1', { status: 'resolved' }, { limit: 5 })).items).toHaveLength(1);
      // seen before, told after
      await count(2, [delta({ lastSeenAt: (resolved?.markedAt ?? 0) - 1_000 })]);
      expect((await group())?.status).toBe('resolved');
      const lastSeenAt = (resolved?.markedAt ?? 0) + 1_000;
      await count(3, [delta({ lastSeenAt }), delta({ fingerprint: B, lastSeenAt })]);
      expect([(await group())?.status, (await group(B))?.status]).toEqual(['open', 'ignored']);
      expect(await store().markErrorGroup('tenant-2', A, 'open', 'eve')).toBeUndefined();
      expect(await store().markErrorGroup('tenant-1', 'c'.repeat(16), 'open', 'ann')).toBeUndefined();
    });

    test('are forgotten when they were not seen for long', async () => {
      await count(1, [delta({ lastSeenAt: 5_000 }), delta({ fingerprint: B, lastSeenAt: 6_000 })]);
      await count(2, [delta({ lastSeenAt: 4_000 })], 'one', 'tenant-2');
      expect(await store().purgeErrors(4_000, 10)).toBe(0);
      expect(await store().purgeErrors(6_000, 1)).toBe(1);
      expect(await store().purgeErrors(6_000, 10)).toBe(1);
      expect((await store().errorGroups('tenant-1', {}, { limit: 5 })).items.map(({ fingerprint }) => fingerprint)).toEqual([B]);
      // what was handed over stays known
      await count(2, [delta()]);
      expect(await group()).toBeUndefined();
    });
  });
}
