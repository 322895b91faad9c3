import { describe, expect, test } from '@jest/globals';
import { toldStall } from './stalled.ts';
import { Harness, stage } from './testing/harness.ts';

const stall = { type: 'stalled', reason: 'silent', since: 5, lastEventAt: 5 } as const;

describe('a stall', () => {
  test('is told by an event, and changes nothing else', () => {
    const run = new Harness([stage('a')]);
    const { seq, ...before } = run.state;
    run.apply({ ...stall, seq });
    expect(run.last.events).toEqual([
      { seq: seq + 1, at: run.now, type: 'run.stalled', data: { reason: 'silent', since: 5, lastEventAt: 5 } },
    ]);
    expect(run.state).toEqual({ ...before, seq: seq + 1 });
    expect([run.verdict, run.last.commands, run.last.touched.size]).toEqual([{ taken: true }, [], 0]);
    expect(toldStall(run.last.events.at(-1))).toEqual({ reason: 'silent', since: 5, lastEventAt: 5 });
    run.succeed('a');
    expect(run.state.status).toBe('succeeded');
  });

  test('of a run that went on, waits for a person or has ended is not told', () => {
    const run = new Harness([stage('a')]);
    const { seq } = run.state;
    run.apply({ type: 'pause', by: 'ann' }, { ...stall, seq });
    expect(run.verdict).toEqual({ taken: false, why: 'stale' });
    run.apply({ ...stall, seq: run.state.seq });
    run.apply({ type: 'resume', by: 'ann' });
    run.apply({ ...stall, seq });
    run.apply({ type: 'cancel', by: 'ann' });
    run.apply({ ...stall, seq: run.state.seq });
    expect(run.events.filter(({ type }) => type === 'run.stalled')).toEqual([]);
  });

  test('that another version tells of otherwise counts as none', () => {
    const event = { seq: 4, at: 9, type: 'run.stalled' } as const;
    expect([undefined, event, { ...event, data: { reason: 'bored', since: 1, lastEventAt: 1 } }].map(toldStall)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
