import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort, makeTestFolder, type ServerProcess } from '@mainstay/services';
import { type ApiClient, type AppProcess, System } from '@mainstay/system';
import { Redis } from 'ioredis';
import pg from 'pg';
import { environments } from './alertmanager/environments.ts';
import { allPanels } from './dashboards/all-dashboards.ts';
import { measures } from './measures.ts';
import { allMetrics } from './metrics-table.ts';
import { isAlert } from './rule.ts';
import { allAlerts, allGroups } from './rule-groups.ts';
import { fullRangeMs, overWithinMs, toldWithinMs } from './told-within.ts';
import { startAlertmanager } from './run/start-alertmanager.ts';
import { startPrometheus } from './run/start-prometheus.ts';
import { bareExpressions } from './testing/bare-expression.ts';
import { productionAtAnyHour } from './testing/at-any-hour.ts';
import { Load } from './testing/load.ts';
import { monitoringForTests } from './testing/monitoring.ts';
import { PrometheusClient } from './testing/prometheus-client.ts';
import { type ReceivedAlert, WebhookReceiver } from './testing/webhook-receiver.ts';
import { ROOT } from './written-files.ts';

jest.setTimeout(120_000);

/** A minute of production is a second here; ranges still hold five scrapes. */
const FACTOR = 1 / 60;
const LEAST_RANGE_MS = 5_000;
/** Of scrapes and evaluations. */
const INTERVAL_MS = 1_000;
/** Beyond the stated time: for a machine that has more to do than this test. */
const BUSY_MS = 3_000;

let folder: string;
let system: System;
let api: ApiClient;
let worker: AppProcess;
let load: Load;
let webhook: WebhookReceiver;
let prometheus: PrometheusClient;
/** What must be ended, the last first. */
const ends: (() => Promise<unknown>)[] = [];
let startedAt = 0;

/** What may stay at 0 although the system works and suffers, and which fault it takes that this test does not make. */
const ALWAYS_ZERO: Readonly<Record<string, string>> = {
  mainstay_stale_results_total: 'a worker that wakes up after its lease is over',
  mainstay_oldest_finished_run_age_seconds: 'a history that is older than this test',
  mainstay_spans_exported_total: 'a receiver of spans: here there is none, so that some are lost',
  mainstay_redis_evicted_keys: 'a Redis that is full and may evict',
  mainstay_connection_retries_total: 'a start while Postgres or Redis is away',
  mainstay_audit_records_waiting: 'something that is to be recorded while Postgres says no',
  mainstay_standing_aside: 'a half-open link to Postgres, with something under way',
};

const programs = await monitoringForTests();
const alertmanager = programs?.alertmanager;
const withTools = programs === undefined || alertmanager === undefined ? describe.skip : describe;

const WORKER = { MAINSTAY_WORKER_KINDS: 'noop,sleep,fail,ask,call', MAINSTAY_WORKER_CAPACITY: '64' };
/** Traces go to where nobody is: all spans are lost. */
const NO_RECEIVER = {
  OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
  OTEL_BSP_SCHEDULE_DELAY: '500',
  OTEL_EXPORTER_OTLP_TIMEOUT: '500',
};
let workerPort = 0;
const newWorker = (): Promise<AppProcess> => system.worker(api, { ...WORKER, MANAGEMENT_PORT: String(workerPort) });

beforeAll(async () => {
  if (programs === undefined || alertmanager === undefined) return;
  folder = await makeTestFolder('mainstay-monitoring-');
  ends.push(() => rm(folder, { recursive: true, force: true }));
  const [management, workers, prometheusPort, alertmanagerPort] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  workerPort = workers;
  webhook = await WebhookReceiver.start();
  ends.push(() => webhook[Symbol.asyncDispose]());
  const options = { factor: FACTOR, webhookUrl: webhook.url };
  ending(
    await startAlertmanager({
      alertmanager,
      dir: join(folder, 'alertmanager'),
      port: alertmanagerPort,
      environment: productionAtAnyHour(),
      ...options,
    }),
  );
  system = await System.start();
  ends.push(() => system.close());
  const redis = new Redis(system.redis.url);
  await redis.config('SET', 'maxmemory', '512mb');
  // until it is killed: it comes back as it was configured
  await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
  redis.disconnect();
  const settings = { MAINSTAY_DATABASE_POOL: '4', MAINSTAY_UNDECIDED_AFTER_MS: '1000' };
  ({ api } = await system.orchestrator({ env: { MANAGEMENT_PORT: String(management), ...settings, ...NO_RECEIVER } }));
  ending(
    await startPrometheus({
      prometheus: programs.prometheus,
      dir: join(folder, 'prometheus'),
      port: prometheusPort,
      environment: 'test',
      interval: '1s',
      alertmanager: `127.0.0.1:${alertmanagerPort}`,
      rules: { factor: FACTOR, leastRangeMs: LEAST_RANGE_MS, runbookBase: 'https://docs.example.com/' },
      jobs: [
        { job: 'mainstay-orchestrators', targets: [`127.0.0.1:${management}`] },
        { job: 'mainstay-workers', targets: [`127.0.0.1:${workerPort}`] },
      ],
    }),
  );
  prometheus = new PrometheusClient(`http://127.0.0.1:${prometheusPort}`);
  startedAt = performance.now();
  worker = await newWorker();
  load = await Load.begin(api, await expiringKey(), (expr) => prometheus.isAbove0(expr));
  ends.push(() => load.end());
});
afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

function ending(server: ServerProcess): void {
  ends.push(() => server.end('SIGTERM', 5_000));
}

/** A key of the database, which requests look up in the cache; it expires tomorrow. */
async function expiringKey(): Promise<string> {
  const key = `mst_${randomBytes(32).toString('base64url')}`;
  await system.query(
    `insert into api_keys (id, tenant, name, scopes, prefix, hash, created_at, expires_at)
     values ($1, 'default', 'test', '{agents:read}', $2, $3, now(), now() + interval '1 day')`,
    [randomUUID(), key.slice(0, 10), createHash('sha256').update(key).digest('hex')],
  );
  return key;
}

/** The alert came, as it is declared, with a runbook that there is. */
function expectDeclared({ labels, annotations }: ReceivedAlert): void {
  const declared = allAlerts.find(({ alert }) => alert === labels['alertname']);
  expect(labels['severity']).toBe(declared?.severity);
  const runbook = annotations['runbook'] ?? '';
  expect(runbook).toBe(`https://docs.example.com/docs/runbooks/${declared?.runbook ?? ''}.md`);
  expect(existsSync(join(ROOT, new URL(runbook).pathname))).toBe(true);
}

/** Redis loses what was in it, tasks that wait included, and somebody else sends what is no message. */
async function forgetAndForge(): Promise<void> {
  const redis = new Redis(system.redis.url);
  await redis.flushall();
  const forge = async (): Promise<void> => {
    for (const channel of (await redis.pubsub('CHANNELS', '*')) as string[]) await redis.publish(channel, 'no message');
  };
  await forge();
  await wait(2_500);
  await forge();
  redis.disconnect();
}

/** While `work` goes on, the table of runs is locked and callers ask for it all the time: the pool is full and others wait. */
async function underLock<T>(work: () => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: system.postgres.url });
  await client.connect();
  await client.query('begin; lock table runs in access exclusive mode');
  const flooding = new AbortController();
  const ask = () => api.request('GET', '/api/v1/runs').then((response) => response.text());
  const flood = Array.from({ length: 12 }, async () => {
    while (!flooding.signal.aborted) await ask().catch(() => undefined);
  });
  try {
    return await work();
  } finally {
    flooding.abort();
    await client.query('rollback');
    await client.end();
    await Promise.all(flood);
  }
}

/**
 * The alert comes, and ends, each within the time that is stated for its rule, in this test's time. `noticedMs`: that Mainstay itself takes
 * until its series show it. Between both is `mend`.
 */
async function toldInTime(
  alert: string,
  since: number,
  noticedMs: number,
  mend: (fired: ReceivedAlert) => Promise<unknown>,
): Promise<void> {
  const rule = allAlerts.find((one) => one.alert === alert);
  const production = environments.find(({ name }) => name === 'production');
  if (rule === undefined || production === undefined) throw new Error(`there is no ${alert}`);
  const rangeMs = fullRangeMs(rule.expr) > 0 ? LEAST_RANGE_MS : 0;
  const facts = { intervalMs: INTERVAL_MS, factor: FACTOR, noticedMs, rangeMs };
  const [told, over] = [toldWithinMs(rule, production, facts), overWithinMs(rule, production, facts)];
  const fired = await webhook.next(alert, 'firing', since, told + BUSY_MS);
  expectDeclared(fired);
  await mend(fired);
  const mended = performance.now();
  const ended = await webhook.next(alert, 'resolved', fired.at, over + BUSY_MS);
  const seconds = (ms: number): string => (ms / 1_000).toFixed(1);
  process.stdout.write(
    `${alert}: told after ${seconds(fired.at - since)} s (stated ${seconds(told)}), over after ${seconds(ended.at - mended)} s (stated ${seconds(over)})\n`,
  );
}

withTools('the system under Prometheus and Alertmanager', () => {
  test('an alert that a full pool causes arrives in time and ends by itself', async () => {
    const mending = Promise.withResolvers<undefined>();
    const since = performance.now();
    const locked = underLock(() => mending.promise);
    try {
      await toldInTime('ConnectionPoolExhausted', since, 0, async () => {
        mending.resolve(undefined);
        await locked;
      });
    } finally {
      mending.resolve(undefined);
      await locked;
    }
  });

  test('an alert that stopped workers cause arrives in time and ends by itself', async () => {
    const since = performance.now();
    await worker.end('SIGKILL');
    const again = Promise.withResolvers<undefined>();
    await Promise.all([
      toldInTime('ProcessDown', since, 0, () => again.promise),
      // a killed worker is found within two seconds, and the engine looks for tasks without workers every two
      toldInTime('NoWorkers', since, 4_000, async ({ labels }) => {
        expect(labels['agent']).toBeTruthy();
        worker = await newWorker();
        again.resolve(undefined);
      }),
    ]);
  });

  test('an alert that a killed Redis causes arrives in time and ends by itself', async () => {
    const since = performance.now();
    await system.redis.kill();
    // the orchestrators look at Redis every ten seconds
    await toldInTime('RedisDown', since, 10_000, async () => {
      await system.redis.restart();
      await forgetAndForge();
    });
  });

  test('every series that is documented appears', async () => {
    const wanted = Object.entries(allMetrics).map(([name, { type }]) => (type === 'histogram' ? `${name}_bucket` : name));
    // stalled runs are looked for every 30 seconds
    const end = performance.now() + 35_000;
    for (;;) {
      const there = new Set(await prometheus.names());
      const missing = wanted.filter((name) => !there.has(name));
      if (missing.length === 0) return;
      if (performance.now() > end) expect(missing).toEqual([]);
      await wait(500);
    }
  });

  test('an observation leads to its trace', async () => {
    const now = Date.now() / 1_000;
    const query = { query: 'mainstay_http_request_duration_seconds_bucket', start: String(now - 300), end: String(now) };
    const found = await prometheus.get<{ exemplars: { labels: Record<string, string> }[] }[]>('query_exemplars', query);
    const traces = found.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels['trace_id']));
    expect(traces).toContain(load.traceId);
  });

  /** What the expression gave at any time since Prometheus was started, by all its series; NaN is left out. */
  async function valuesOf(expr: string): Promise<readonly number[]> {
    const series = await prometheus.lately(expr, Math.ceil((performance.now() - startedAt) / 1_000));
    return series.flatMap(({ values }) => values.map(([, value]) => Number(value))).filter((value) => !Number.isNaN(value));
  }

  /** Those of the expressions that had no data. */
  async function withoutData(expressions: readonly (readonly [string, string])[]): Promise<unknown[]> {
    const missing: unknown[] = [];
    for (const [name, expr] of expressions) if ((await valuesOf(expr)).length === 0) missing.push({ name, expr });
    return missing;
  }

  test('every rule is evaluated without an error, and every operand of it has data', async () => {
    const { groups } = await prometheus.get<{ groups: { rules: { name: string; health: string; lastError?: string }[] }[] }>('rules');
    const rules = groups.flatMap(({ rules: some }) => some);
    expect(rules.length).toBe(allGroups.flatMap(({ rules: some }) => some).length);
    expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
    const short = (expr: string): string => expr.replaceAll(/\[\w+\]/g, '[5s]').replaceAll(/offset \w+/g, 'offset 5s');
    const operands = allGroups.flatMap(({ rules: some }) =>
      some.flatMap((rule) => bareExpressions(rule.expr).map((expr) => [isAlert(rule) ? rule.alert : rule.record, short(expr)] as const)),
    );
    expect(await withoutData(operands)).toEqual([]);
  });

  test('no panel is dead', async () => {
    const queries = [
      ...allPanels.flatMap(({ dashboard, panel }) => panel.queries.map(({ expr }) => [`${dashboard}: ${panel.title}`, expr] as const)),
      ...measures.flatMap(({ asked, answer }) => ('expr' in answer ? [[asked, answer.expr] as const] : [])),
    ].map(([name, expr]) => [name, expr.replaceAll('$__rate_interval', '5s')] as const);
    expect(queries.length).toBeGreaterThan(80);
    expect(await withoutData(queries)).toEqual([]);
    // a figure that is 0 under load and faults of all kinds may be one that nothing moves
    const still: string[] = [];
    for (const [name, expr] of queries) if ((await valuesOf(expr)).every((value) => value === 0)) still.push(`${name}: ${expr}`);
    const unexplained = still.filter((line) => !Object.keys(ALWAYS_ZERO).some((metric) => line.includes(metric)));
    expect(unexplained).toEqual([]);
    expect(Object.keys(ALWAYS_ZERO).filter((metric) => !(metric in allMetrics))).toEqual([]);
  });
});
