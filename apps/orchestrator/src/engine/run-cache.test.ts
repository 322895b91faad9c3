import { describe, expect, test } from '@jest/globals';
import type { JsonValue } from '@mainstay/types';
import type { RunState, TaskState } from '../pipeline/model.ts';
import { RunCache } from './run-cache.ts';

const run = (id: string, over: Partial<RunState> = {}): RunState => ({
  id,
  tenant: 'default',
  pipeline: 'p',
  version: 1,
  status: 'running',
  seq: 1,
  input: null,
  priority: 0,
  correlationId: 'c',
  traceparent: '00-00000000000000000000000000000001-0000000000000001-01',
  slot: false,
  createdAt: 1,
  tasks: new Map(),
  decisions: new Map(),
  ...over,
});
const done = (stage: string, output: JsonValue): TaskState => ({
  ...{ stage, agent: 'x', fallback: 0, attempt: 1, fence: 1, failures: 0, losses: 0, rounds: 0, answers: [] },
  ...{ status: 'succeeded', output, finishedAt: 1, degraded: false },
});
const change = (before: RunState, state: RunState, touched: readonly string[] = []) => ({ before, state, touched: new Set(touched) });
const ROOMY = { maxRuns: 10, maxBytes: 1_000_000 };

describe('RunCache', () => {
  test('gives back what was put last', () => {
    const cache = new RunCache(ROOMY);
    const [first, second] = [run('a'), run('a', { seq: 2 })];
    cache.put(change(run('a', { seq: 0 }), first));
    cache.put(change(first, second));
    expect(cache.get('a')).toBe(second);
    expect(cache.get('b')).toBeUndefined();
  });

  test('drops the oldest run beyond its bound, except that one that was asked for stays once more', () => {
    const cache = new RunCache({ ...ROOMY, maxRuns: 2 });
    for (const id of ['a', 'b']) cache.put(change(run(id), run(id)));
    cache.get('a');
    cache.put(change(run('c'), run('c')));
    expect(['a', 'b', 'c'].map((id) => cache.get(id)?.id)).toEqual(['a', undefined, 'c']);
  });

  test('is bounded in bytes, however its runs grow, and counts them exactly', () => {
    const cache = new RunCache({ maxRuns: 1_000, maxBytes: 50_000 });
    for (let i = 0; i < 30; i++) {
      let state = run(`r${i}`, { input: 'x'.repeat(100) });
      cache.put(change(run(`r${i}`, { seq: 0 }), state));
      for (let k = 0; k < 3; k++) {
        const next = run(state.id, {
          ...state,
          seq: state.seq + 1,
          tasks: new Map([...state.tasks, [`s${k}`, done(`s${k}`, 'y'.repeat(5_000))]]),
        });
        cache.put(change(state, next, [`s${k}`]));
        state = next;
        expect(cache.bytes).toBeLessThanOrEqual(50_000);
      }
    }
    expect(cache.size).toBeGreaterThan(1);
    for (let i = 0; i < 30; i++) cache.delete(`r${i}`);
    expect([cache.size, cache.bytes]).toEqual([0, 0]);
  });

  test('measures anew what was changed elsewhere in between', () => {
    const cache = new RunCache(ROOMY);
    cache.put(change(run('a', { seq: 0 }), run('a')));
    const small = cache.bytes;
    cache.put(change(run('a', { seq: 7 }), run('a', { seq: 8, tasks: new Map([['s', done('s', 'z'.repeat(1_000))]]) }), ['s']));
    expect(cache.bytes).toBeGreaterThan(small + 1_000);
    cache.delete('a');
    cache.delete('a');
    expect(cache.bytes).toBe(0);
  });

  test('a single run that is larger than all may be is not kept', () => {
    const cache = new RunCache({ maxRuns: 10, maxBytes: 5_000 });
    cache.put(change(run('a', { seq: 0 }), run('a', { input: 'x'.repeat(9_000) })));
    expect([cache.size, cache.bytes]).toEqual([0, 0]);
  });

  test('keeps no finished run', () => {
    const cache = new RunCache(ROOMY);
    cache.put(change(run('a', { seq: 0 }), run('a')));
    cache.put(change(run('a'), run('a', { status: 'succeeded', finishedAt: 5 })));
    cache.put(change(run('b'), run('b', { status: 'succeeded', finishedAt: 5 })));
    expect([cache.size, cache.bytes]).toEqual([0, 0]);
  });
});
