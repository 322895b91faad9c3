import { describe, expect, test } from '@jest/globals';
import type { RunState } from '../pipeline/model.ts';
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

describe('RunCache', () => {
  test('gives back what was set last', () => {
    const cache = new RunCache(10);
    cache.set(run('a'));
    cache.set(run('a', { seq: 2 }));
    expect(cache.get('a')?.seq).toBe(2);
    expect(cache.get('b')).toBeUndefined();
  });

  test('drops the least recently used run beyond its bound', () => {
    const cache = new RunCache(2);
    cache.set(run('a'));
    cache.set(run('b'));
    cache.get('a');
    cache.set(run('c'));
    expect([cache.get('a')?.id, cache.get('b')?.id, cache.get('c')?.id]).toEqual(['a', undefined, 'c']);
  });

  test('keeps no finished run', () => {
    const cache = new RunCache(2);
    cache.set(run('a'));
    cache.set(run('a', { status: 'succeeded', finishedAt: 5 }));
    expect(cache.size).toBe(0);
  });
});
