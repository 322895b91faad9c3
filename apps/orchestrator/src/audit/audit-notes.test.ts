import { describe, expect, test } from '@jest/globals';
import { createLogger } from '@mainstay/observability';
import { DependencyError, ValidationError } from '@mainstay/types';
import { FakeClock } from '@mainstay/utils/testing';
import type { AuditEntry } from '../store/audit.ts';
import { AuditNotes } from './audit-notes.ts';

const fact = (target: string) =>
  ({ tenant: 'default', actor: 'admin', action: 'profile.taken', target, details: {}, correlationId: 'c' }) as const;

function scene() {
  const clock = new FakeClock();
  const lines: { readonly level: string; readonly msg: string; readonly audit?: AuditEntry }[] = [];
  const logger = createLogger({
    ...{ service: 'test', level: 'info' },
    destination: { write: (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[number]) },
  });
  const written: AuditEntry[] = [];
  const state = { away: false, hangs: false, calls: 0 };
  const store = {
    record: async (entries: readonly AuditEntry[]) => {
      state.calls++;
      if (state.hangs) await new Promise(() => undefined);
      if (state.away) throw new DependencyError('POSTGRES_UNAVAILABLE', 'away');
      if (entries.some(({ target }) => target === 'bad')) throw new ValidationError('VALIDATION_FAILED', 'refused');
      written.push(...entries);
    },
  };
  return { clock, lines, written, state, notes: new AuditNotes({ store, logger, clock }) };
}

const targets = (entries: readonly AuditEntry[]) => entries.map(({ target }) => target);

describe('AuditNotes', () => {
  test('are written before what they tell of goes on', async () => {
    const { notes, written, clock } = scene();
    await notes.note(fact('a'));
    await notes.note(fact('b'));
    expect(targets(written)).toEqual(['a', 'b']);
    await notes.stop();
    expect(clock.pendingTimers).toBe(0);
  });

  test('hold nothing up for more than two seconds while the database is away, and are written when it is back, in order', async () => {
    const { notes, written, state, clock, lines } = scene();
    state.away = true;
    const noted = [notes.note(fact('a')), notes.note(fact('b'))];
    await clock.advance(2_000);
    await Promise.all(noted);
    expect([written, notes.waiting]).toEqual([[], 2]);
    expect(lines.map(({ msg, audit }) => [msg, audit?.target])).toEqual([
      ['an audit record waits for the database', 'a'],
      ['an audit record waits for the database', 'b'],
    ]);
    state.away = false;
    await clock.advance(2_000);
    expect([targets(written), notes.waiting]).toEqual([['a', 'b'], 0]);
    expect(written[0]?.details).toEqual({ notedAt: expect.any(String) });
    await notes.note(fact('c'));
    expect([targets(written).at(-1), written.at(-1)?.details]).toEqual(['c', {}]);
  });

  test('are held up by a database that does not answer no longer either', async () => {
    const { notes, state, clock } = scene();
    state.hangs = true;
    const noted = notes.note(fact('a'));
    await clock.advance(2_000);
    await noted;
    expect(notes.waiting).toBe(1);
  });

  test('one that is refused keeps no other from being written, and is in the log', async () => {
    const { notes, state, clock, written, lines } = scene();
    state.away = true;
    const noted = ['a', 'bad', 'b'].map((target) => notes.note(fact(target)));
    await clock.advance(500);
    state.away = false;
    await clock.advance(2_000);
    await Promise.all(noted);
    expect([targets(written), notes.waiting]).toEqual([['a', 'b'], 0]);
    expect(lines.find(({ msg }) => msg.startsWith('an audit record was not written'))?.audit?.target).toBe('bad');
  });

  test('are in the log when the process ends without having written them', async () => {
    const { notes, state, clock, lines } = scene();
    state.away = true;
    const noted = notes.note(fact('a'));
    await clock.advance(2_000);
    await noted;
    await notes.stop();
    await notes.note(fact('late'));
    const lost = lines.filter(({ msg }) => msg.startsWith('an audit record was not written'));
    expect(lost.map(({ audit }) => audit?.target)).toEqual(['a', 'late']);
    expect(clock.pendingTimers).toBe(0);
  });

  test('wait in a bounded number', async () => {
    const { notes, state, clock, lines } = scene();
    state.away = true;
    const noted = Array.from({ length: 1_001 }, (_, n) => notes.note(fact(String(n))));
    await clock.advance(2_000);
    await Promise.all(noted);
    expect(notes.waiting).toBe(1_000);
    expect(lines.find(({ msg }) => msg.startsWith('an audit record was not written'))?.audit?.target).toBe('1000');
  });
});
