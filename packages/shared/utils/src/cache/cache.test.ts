import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deadlineIn, remainingMs, underDeadline } from '../deadline.ts';
import { deferred } from '../deferred.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { MemoryCacheBus, MemoryCacheStore } from '../testing/memory-cache-store.ts';
import type { CacheOptions } from './cache-options.ts';
import type { CacheStore } from './cache-ports.ts';
import { createCache } from './cache.ts';

const clockOf = () => new FakeClock();

function scene(options: Partial<CacheOptions<string>> = {}) {
  const clock = options.clock instanceof FakeClock ? options.clock : clockOf();
  const events: string[] = [];
  const loads: string[] = [];
  const cache = createCache<string>({ name: 'reads', ttlMs: 1_000, spread: 0, clock, onEvent: (event) => events.push(event), ...options });
  const load = (key: string) => {
    loads.push(key);
    return `${key} ${loads.length}`;
  };
  return { clock, cache, events, loads, load };
}

/** Two processes on the same shared level and bus. */
function processes(options: Partial<CacheOptions<string>> = {}) {
  const clock = clockOf();
  const store = new MemoryCacheStore(clock);
  const bus = new MemoryCacheBus();
  return { clock, store, here: scene({ clock, store, bus, ...options }), there: scene({ clock, store, bus, ...options }) };
}

describe('a cache in memory', () => {
  test('loads once and gives that until its time is over', async () => {
    const { clock, cache, load, events } = scene();
    await expect(cache.get('a', load)).resolves.toBe('a 1');
    await clock.advance(999);
    await expect(cache.get('a', load)).resolves.toBe('a 1');
    await clock.advance(1);
    await expect(cache.get('a', load)).resolves.toBe('a 2');
    expect(events).toEqual(['miss', 'hit', 'miss']);
    expect(cache.stats).toMatchObject({ entries: 1, hitRate: 1 / 3 });
  });

  test('runs one load however many ask', async () => {
    const { cache, loads } = scene();
    const value = deferred<string>();
    const asked = Array.from({ length: 50 }, () =>
      cache.get('a', (key) => {
        loads.push(key);
        return value.promise;
      }),
    );
    value.resolve('one');
    await expect(Promise.all(asked)).resolves.toEqual(Array<string>(50).fill('one'));
    expect(loads).toEqual(['a']);
    expect(cache.stats.events).toMatchObject({ miss: 1, joined: 49 });
  });

  test('gives the old value while it loads a new one, once', async () => {
    const { clock, cache, load, loads, events } = scene({ staleMs: 500 });
    await cache.get('a', load);
    await clock.advance(1_200);
    await expect(cache.get('a', load)).resolves.toBe('a 1');
    await expect(cache.get('a', load)).resolves.toBe('a 1');
    await clock.advance(0);
    await expect(cache.get('a', load)).resolves.toBe('a 2');
    expect(loads).toHaveLength(2);
    expect(events).toEqual(['miss', 'stale', 'stale', 'hit']);
  });

  test('gives the old value when loading fails, as long as it may; then the error', async () => {
    const { clock, cache, load, events } = scene({ staleMs: 500 });
    await cache.get('a', load);
    const error = new Error('down');
    const fail = () => Promise.reject(error);
    await clock.advance(1_200);
    await expect(cache.get('a', fail)).resolves.toBe('a 1');
    await clock.advance(300);
    await expect(cache.get('a', fail)).rejects.toBe(error);
    await expect(cache.get('a', load)).resolves.toBe('a 2');
    expect(events).toContain('load-failed');
  });

  test('keeps no error: the next one who asks loads anew', async () => {
    const { cache, load } = scene();
    await expect(cache.get('a', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    await expect(cache.get('a', load)).resolves.toBe('a 1');
  });

  test('does not keep what was invalidated while it was loaded', async () => {
    const { cache, load } = scene();
    const value = deferred<string>();
    const old = cache.get('a', () => value.promise);
    await cache.invalidate('a');
    value.resolve('of before');
    await expect(old).resolves.toBe('of before');
    await expect(cache.get('a', load)).resolves.toBe('a 1');
  });

  test('lets one who waits give up without the others', async () => {
    const { cache } = scene();
    const value = deferred<string>();
    const controller = new AbortController();
    const impatient = cache.get('a', () => value.promise, { signal: controller.signal });
    const patient = cache.get('a', () => 'never called');
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(impatient).rejects.toBe(reason);
    value.resolve('late');
    await expect(patient).resolves.toBe('late');
    await expect(cache.get('a', () => 'x', { signal: controller.signal })).rejects.toBe(reason);
  });

  test('loads for all under a limit of its own, not under the deadline of the first', async () => {
    const { clock, cache } = scene({ loadTimeoutMs: 2_000 });
    const left: number[] = [];
    await underDeadline(deadlineIn('request', 10, clock), () => cache.get('a', () => `${left.push(remainingMs())}`));
    expect(left).toEqual([Number.POSITIVE_INFINITY]);
    const hanging = expect(cache.get('b', () => new Promise(() => undefined))).rejects.toMatchObject({
      code: 'OPERATION_TIMEOUT',
      message: 'load of cache reads took longer than 2000 ms',
    });
    await clock.advance(2_000);
    await hanging;
  });

  test('lets values that were loaded together go stale at different times', async () => {
    let random = 0;
    const { clock, cache, load } = scene({ spread: 0.5, random: () => (random += 0.5) % 1 });
    await cache.get('a', load);
    await cache.get('b', load);
    await clock.advance(800);
    await expect(cache.get('a', load)).resolves.toBe('a 3');
    await expect(cache.get('b', load)).resolves.toBe('b 2');
  });

  test('takes values in by hand and forgets all of them for want of memory', async () => {
    const { cache, load } = scene();
    await cache.set('a', 'given');
    await expect(cache.get('a', load)).resolves.toBe('given');
    cache.clear();
    await expect(cache.get('a', load)).resolves.toBe('a 1');
  });

  test('is bounded', async () => {
    const { cache, load } = scene({ maxEntries: 10, maxBytes: 1_000, sizeOf: (value) => value.length });
    for (let index = 0; index < 100; index++) await cache.get(`key ${index}`, load);
    expect(cache.stats.entries).toBe(10);
    expect(cache.stats.bytes).toBeLessThanOrEqual(1_000);
  });

  test.each([
    { ttlMs: 0 },
    { staleMs: -1 },
    { spread: 2 },
    { maxEntries: 1.5 },
    { lockMs: 0 },
    { storeTimeoutMs: 0 },
    { loadTimeoutMs: 0 },
  ])('refuses %j', (options) => {
    expect(() => createCache({ name: 'reads', ...options })).toThrow(`cache reads: option ${Object.keys(options)[0] ?? ''}`);
  });
});

describe('caches of several processes', () => {
  test('share what one of them loaded', async () => {
    const { here, there } = processes();
    await here.cache.get('a', here.load);
    await expect(there.cache.get('a', there.load)).resolves.toBe('a 1');
    expect(there.loads).toEqual([]);
    expect(there.events).toEqual(['shared-hit']);
  });

  test('run one load between them: who comes second waits for the first', async () => {
    const { clock, here, there } = processes();
    const value = deferred<string>();
    const first = here.cache.get('a', () => value.promise);
    await clock.advance(0);
    const second = there.cache.get('a', there.load);
    await clock.advance(200);
    value.resolve('one');
    await clock.advance(100);
    await expect(Promise.all([first, second])).resolves.toEqual(['one', 'one']);
    expect(there.loads).toEqual([]);
  });

  test('do not wait for ever for one that died while it loaded', async () => {
    const { clock, here, there } = processes({ lockMs: 300 });
    void here.cache.get('a', () => new Promise(() => undefined)).catch(() => undefined);
    await clock.advance(0);
    const second = there.cache.get('a', there.load);
    await clock.advance(400);
    await expect(second).resolves.toBe('a 1');
  });

  test('forget what any of them invalidates or replaces', async () => {
    const { here, there } = processes();
    await here.cache.get('a', here.load);
    await there.cache.get('a', there.load);
    await here.cache.invalidate('a');
    await expect(there.cache.get('a', () => 'new')).resolves.toBe('new');
    await here.cache.set('a', 'newest');
    await expect(there.cache.get('a', there.load)).resolves.toBe('newest');
  });

  test('agree in the end with the truth, whatever order reads and writes come in', async () => {
    const step = fc.record({
      at: fc.boolean(),
      write: fc.boolean(),
      key: fc.constantFrom('a', 'b'),
      wait: fc.integer({ min: 0, max: 700 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const { clock, here, there } = processes({ staleMs: 300 });
        const truth: Record<string, string> = { a: 'a0', b: 'b0' };
        for (const [index, { at, write, key, wait }] of steps.entries()) {
          const { cache } = at ? here : there;
          if (write) {
            truth[key] = `${key}${index}`;
            await cache.invalidate(key);
          }
          await clock.advance(wait);
          await expect(cache.get(key, () => truth[key] ?? '')).resolves.toBe(truth[key]);
        }
      }),
      { numRuns: 40 },
    );
  });

  test('take no notice of messages that are not theirs', async () => {
    const bus = new MemoryCacheBus();
    const { cache, load } = scene({ bus });
    await cache.get('a', load);
    for (const message of ['no json', '{}', '["other","id","a"]', '[1,2]']) await bus.publish(message);
    await expect(cache.get('a', load)).resolves.toBe('a 1');
    await bus.publish('["reads","another process","a"]');
    await expect(cache.get('a', load)).resolves.toBe('a 2');
    cache.close();
    await bus.publish('["reads","another process","a"]');
    await expect(cache.get('a', load)).resolves.toBe('a 2');
  });

  test('forget everything when messages may have been lost, also what is being loaded', async () => {
    const bus = new MemoryCacheBus();
    const { cache, load } = scene({ bus });
    await cache.get('a', load);
    const value = deferred<string>();
    const old = cache.get('b', () => value.promise);
    bus.gap();
    value.resolve('of before');
    await old;
    await expect(cache.get('a', load)).resolves.toBe('a 2');
    await expect(cache.get('b', load)).resolves.toBe('b 3');
  });

  test('give a stale shared value when loading fails or another process loads', async () => {
    const { clock, store, here, there } = processes({ staleMs: 5_000 });
    await here.cache.get('a', here.load);
    await clock.advance(1_500);
    await expect(there.cache.get('a', () => Promise.reject(new Error('down')))).resolves.toBe('a 1');
    await store.lock('cache:reads:lock:a', 1_000);
    there.cache.clear();
    await expect(there.cache.get('a', there.load)).resolves.toBe('a 1');
    expect(there.loads).toEqual([]);
  });

  test('take what another program wrote under their keys for nothing', async () => {
    const { store, here } = processes();
    for (const [index, text] of ['not json', '{}', '["x",1,"v"]', '[1,2,"past"]'].entries()) {
      await store.set('cache:reads:value:a', text, 1_000);
      here.cache.clear();
      await expect(here.cache.get('a', here.load)).resolves.toBe(`a ${index + 1}`);
      await store.delete(['cache:reads:value:a']);
    }
  });

  test('do not undo an invalidation that came while the value was written', async () => {
    const clock = clockOf();
    const inner = new MemoryCacheStore(clock);
    const gate = deferred();
    const store: CacheStore = {
      get: (key) => inner.get(key),
      delete: (keys) => inner.delete(keys),
      set: async (key, text, ttlMs) => {
        await gate.promise;
        await inner.set(key, text, ttlMs);
      },
    };
    const { cache, load } = scene({ clock, store });
    const reading = cache.get('a', load);
    await clock.advance(0);
    await cache.invalidate('a');
    gate.resolve();
    await reading;
    await expect(inner.get('cache:reads:value:a')).resolves.toBeUndefined();
  });

  test('work without their shared level and bus when those fail or hang, and say so', async () => {
    const error = new Error('redis is down');
    const broken = () => Promise.reject(error);
    const store: CacheStore = { get: broken, set: () => new Promise(() => undefined), delete: broken, lock: broken };
    const { clock, cache, load } = scene({ store, storeTimeoutMs: 100, bus: { publish: broken, subscribe: () => () => undefined } });
    const read = cache.get('a', load);
    await clock.advance(100);
    await expect(read).resolves.toBe('a 1');
    await expect(cache.get('a', load)).resolves.toBe('a 1');
    await cache.invalidate('a');
    expect(cache.stats.events['shared-failed']).toBe(5);
  });
});
