import { afterEach, describe, expect, test } from '@jest/globals';
import { createLogger, createMetrics, type Metrics } from '@mainstay/observability';
import { FakeClock } from '@mainstay/utils/testing';
import { cacheCounter } from './cache-counter.ts';
import { DependencyWatch, type DependencyWatchOptions } from './dependency-watch.ts';
import { poolMetrics, statementMetrics } from './statement-metrics.ts';
import { transportMetrics } from './transport-metrics.ts';

const made: Metrics[] = [];
afterEach(() => {
  for (const metrics of made.splice(0)) metrics.close();
});

function scene() {
  const metrics = createMetrics({ service: 'test', processMetrics: false });
  made.push(metrics);
  const lines: string[] = [];
  const logger = createLogger({ service: 'test', destination: { write: (line) => void lines.push(line) } });
  const text = () => metrics.text();
  return { metrics, lines, logger, text };
}

describe('statementMetrics', () => {
  test('times every statement by name; those over 100 ms are counted and logged', async () => {
    const { metrics, lines, logger, text } = scene();
    const onQuery = statementMetrics(metrics, logger);
    onQuery('commit', 100);
    expect(lines).toEqual([]);
    onQuery('commit', 100.6);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'warn', statement: 'commit', durationMs: 101 });
    expect(await text()).toContain('mainstay_postgres_slow_statements_total{statement="commit",service="test"} 1');
    expect(await text()).toContain('mainstay_postgres_statement_duration_seconds_count{service="test",statement="commit"} 2');
  });
});

describe('poolMetrics', () => {
  test('shows the pool as it is at the scrape', async () => {
    const { metrics, text } = scene();
    let waiting = 0;
    poolMetrics(metrics, () => ({ limit: 10, idle: 4, busy: 6, waiting }));
    expect(await text()).toContain('mainstay_postgres_pool_waiting{service="test"} 0');
    waiting = 3;
    const now = await text();
    expect(now).toContain('mainstay_postgres_pool_waiting{service="test"} 3');
    expect(now).toContain('mainstay_postgres_pool_connections{state="busy",service="test"} 6');
    expect(now).toContain('mainstay_postgres_pool_limit{service="test"} 10');
  });
});

describe('transportMetrics', () => {
  test('times calls, but not those that wait for messages; counts all that failed', async () => {
    const { metrics, text } = scene();
    const onCall = transportMetrics(metrics);
    onCall({ call: 'sendTasks', durationMs: 4, ok: true });
    onCall({ call: 'receiveResults', durationMs: 1_000, ok: false });
    const now = await text();
    expect(now).toContain('mainstay_redis_call_duration_seconds_sum{service="test",call="sendTasks"} 0.004');
    expect(now).not.toContain('mainstay_redis_call_duration_seconds_sum{service="test",call="receiveResults"}');
    expect(now).toContain('mainstay_redis_failed_calls_total{call="receiveResults",service="test"} 1');
  });
});

test('cacheCounter counts hits and misses', async () => {
  const { metrics, text } = scene();
  const count = cacheCounter(metrics, 'api-keys');
  for (const hit of [true, true, false]) count(hit);
  expect(await text()).toContain('mainstay_cache_requests_total{cache="api-keys",result="hit",service="test"} 2');
  expect(await text()).toContain('mainstay_cache_requests_total{cache="api-keys",result="miss",service="test"} 1');
});

const usage = { usedBytes: 1_000, limitBytes: 4_000, evictedKeys: 0, clients: 3 };

describe('DependencyWatch', () => {
  function watched(parts: Partial<DependencyWatchOptions> = {}) {
    const { metrics, logger, text } = scene();
    const clock = new FakeClock();
    const options: DependencyWatchOptions = {
      engine: { depths: () => Promise.resolve(new Map([['noop', { waiting: 7, pending: 2 }]])) },
      store: { ping: () => Promise.resolve(), apiKeysExpiring: () => Promise.resolve(2) },
      transport: { evictionPolicy: () => Promise.resolve('noeviction'), usage: () => Promise.resolve(usage) },
      ...{ metrics, logger, clock },
      ...parts,
    };
    return { clock, text, watch: new DependencyWatch(options) };
  }

  test('shows the queues, and that Postgres and Redis answer', async () => {
    const { text, watch } = watched();
    await watch.look();
    const now = await text();
    expect(now).toContain('mainstay_queue_depth{agent="noop",service="test"} 7');
    expect(now).toContain('mainstay_queue_pending{agent="noop",service="test"} 2');
    expect(now).toContain('mainstay_dependency_up{dependency="postgres",service="test"} 1');
    expect(now).toContain('mainstay_dependency_up{dependency="redis",service="test"} 1');
    expect(now).toContain('mainstay_redis_may_evict{service="test"} 0');
    expect(now).toContain('mainstay_redis_used_bytes{service="test"} 1000');
    expect(now).toContain('mainstay_redis_limit_bytes{service="test"} 4000');
    expect(now).toContain('mainstay_api_keys_expiring{service="test"} 2');
  });

  test('shows no queues that it could not read, and an eviction policy that loses tasks', async () => {
    let up = true;
    const { text, watch } = watched({
      engine: { depths: () => (up ? Promise.resolve(new Map([['noop', { waiting: 7, pending: 2 }]])) : Promise.reject(new Error('gone'))) },
      transport: { evictionPolicy: () => Promise.resolve('allkeys-lru'), usage: () => Promise.resolve(usage) },
    });
    await watch.look();
    expect(await text()).toContain('mainstay_redis_may_evict{service="test"} 1');
    up = false;
    await watch.look();
    const now = await text();
    expect(now).toContain('mainstay_dependency_up{dependency="redis",service="test"} 0');
    expect(now).not.toContain('mainstay_queue_depth{');
  });

  test('a Postgres that hangs is not up', async () => {
    const { clock, text, watch } = watched({
      store: {
        apiKeysExpiring: () => Promise.resolve(0),
        ping: (signal) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => {
              reject(new Error('aborted'));
            });
          }),
      },
    });
    const looking = watch.look();
    await clock.advance(2_000);
    await looking;
    expect(await text()).toContain('mainstay_dependency_up{dependency="postgres",service="test"} 0');
  });

  test('looks again and again until it is stopped', async () => {
    let looks = 0;
    const { clock, watch } = watched({
      store: { ping: () => Promise.resolve(void (looks += 1)), apiKeysExpiring: () => Promise.resolve(0) },
    });
    watch.start();
    await clock.advance(0);
    expect(looks).toBe(1);
    await clock.advance(10_000);
    expect(looks).toBe(2);
    await watch.stop();
    await clock.advance(60_000);
    expect(looks).toBe(2);
  });
});
