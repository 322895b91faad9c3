import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createHardening, type Hardening } from '@mainstay/hardening';
import { TcpProxy, testUrl } from '@mainstay/services';
import { NetworkError } from '@mainstay/types';
import { createRetry } from '@mainstay/utils';
import { Redis } from 'ioredis';
import pg from 'pg';
import { FlakyServer } from './testing/storms/flaky-server.ts';
import { type Caller, countOf, percentileOf, shareOf, shareBeyond, steadyLoad } from './testing/storms/steady-load.ts';

const TIMEOUT_MS = 1_200;
/** Of what answers: longer than this process itself may stand still on a busy machine, which would count as a failure. */
const PATIENT_MS = 10_000;
const BASE_MS = 5;
const BREAKER = { windowMs: 1_000, openMs: 400, minimumCalls: 15 };
const RATES = { http: 60, redis: 60, postgres: 40, healthy: 60 } as const;
type Dependency = keyof typeof RATES;

/** A flaky HTTP server, and a Redis and a Postgres behind links that can be slow or dead. */
class Dependencies implements AsyncDisposable {
  readonly attempts: Record<Dependency, number> = { http: 0, redis: 0, postgres: 0, healthy: 0 };
  readonly http: FlakyServer;
  readonly redisLink: TcpProxy;
  readonly postgresLink: TcpProxy;
  readonly #redis: Redis;
  readonly #pool: pg.Pool;

  private constructor(http: FlakyServer, redisLink: TcpProxy, postgresLink: TcpProxy) {
    this.http = http;
    this.redisLink = redisLink;
    this.postgresLink = postgresLink;
    this.#redis = new Redis(through('MAINSTAY_TEST_REDIS_URL', redisLink), { maxRetriesPerRequest: 1 });
    this.#redis.on('error', () => undefined);
    this.#pool = new pg.Pool({
      connectionString: through('MAINSTAY_TEST_DATABASE_URL', postgresLink),
      max: 5,
      connectionTimeoutMillis: TIMEOUT_MS,
    });
    this.#pool.on('error', () => undefined);
  }

  static async open(): Promise<Dependencies> {
    const portOf = (url: string): number => Number(new URL(url).port);
    const [redis, postgres] = [portOf(testUrl('MAINSTAY_TEST_REDIS_URL')), portOf(testUrl('MAINSTAY_TEST_DATABASE_URL'))];
    return new Dependencies(await FlakyServer.open(), await TcpProxy.open(redis), await TcpProxy.open(postgres));
  }

  /** One attempt at the dependency. */
  async attempt(dependency: Dependency, signal: AbortSignal): Promise<void> {
    this.attempts[dependency]++;
    if (dependency === 'redis') await this.#redis.ping();
    else if (dependency === 'postgres') await this.#pool.query('select 1');
    else await fetchOk(this.http.url(`/${dependency}`), signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.redisLink.close();
    this.postgresLink.close();
    this.#redis.disconnect();
    await this.#pool.end();
    await this.http[Symbol.asyncDispose]();
  }
}

/** The address of a service of the test run, by way of a link. */
function through(variable: Parameters<typeof testUrl>[0], link: TcpProxy): string {
  const url = new URL(testUrl(variable));
  url.port = String(link.port);
  return url.href;
}

async function fetchOk(url: string, signal: AbortSignal): Promise<void> {
  const response = await fetch(url, { signal });
  await response.arrayBuffer();
  if (!response.ok) throw new NetworkError(`answered ${String(response.status)}`);
}

/** Callers of the dependencies through a facade, all of their work at the same time. */
function callersOf(hardening: Hardening, dependencies: Dependencies, suffix = ''): readonly Caller[] {
  return (['http', 'redis', 'postgres', 'healthy'] as const).map((name) => {
    // all of high priority, so that nothing is refused because the process of the tests is short of memory
    const options = {
      priority: 'high',
      idempotent: true,
      timeoutMs: name === 'redis' || name === 'postgres' ? TIMEOUT_MS : PATIENT_MS,
    } as const;
    const call = () => hardening.execute(name, ({ signal }) => dependencies.attempt(name, signal), options);
    return { name: name + suffix, perSecond: RATES[name], call };
  });
}

/** Healthy work with nothing around it. */
function direct(): Caller {
  const call = () => fetchOk(dependencies.http.url('/healthy'), AbortSignal.timeout(PATIENT_MS));
  return { name: 'direct', perSecond: RATES.healthy, call };
}

const options = { profile: 'production', sampleEveryMs: 0, retry: { baseMs: BASE_MS }, breaker: BREAKER, watchUnhandled: false } as const;
let dependencies: Dependencies;
let hardening: Hardening;

beforeAll(async () => {
  dependencies = await Dependencies.open();
  hardening = createHardening({ ...options, maxShare: 0.25 });
  // connections, and code that is loaded by its first use
  const never = new AbortController().signal;
  for (const dependency of ['http', 'redis', 'postgres', 'healthy'] as const) {
    await Promise.all(Array.from({ length: 5 }, () => dependencies.attempt(dependency, never)));
  }
});
afterAll(async () => {
  await hardening.close();
  await dependencies[Symbol.asyncDispose]();
});

test('while all is well, everything is answered', async () => {
  const outcomes = await steadyLoad(callersOf(hardening, dependencies), 1_000);
  for (const name of ['http', 'redis', 'postgres', 'healthy']) expect(shareOf(outcomes, name)).toBe(1);
});

test('a server that fails one call in four gets no more calls than the retry budget allows; without one it gets many more', async () => {
  dependencies.http.fail('/http', 4);
  dependencies.http.fail('/naive', 4);
  const naive = createRetry({ baseMs: BASE_MS });
  const callers = [
    ...callersOf(hardening, dependencies).filter(({ name }) => name === 'http'),
    { name: 'naive', perSecond: RATES.http, call: () => naive.run(({ signal }) => fetchOk(dependencies.http.url('/naive'), signal)) },
  ];
  const before = dependencies.http.requests('/http');
  const outcomes = await steadyLoad(callers, 2_000);
  const calls = countOf(outcomes, 'http');
  const requests = dependencies.http.requests('/http') - before;
  // a tenth of the calls, ten saved up, one per second
  expect(requests).toBeLessThanOrEqual(calls * 1.1 + 10 + 4);
  expect(requests).toBeGreaterThan(calls);
  expect(dependencies.http.requests('/naive') / countOf(outcomes, 'naive')).toBeGreaterThan(1.25);
});

test('three dependencies fail at once: few calls reach them, and healthy work is as fast as before', async () => {
  dependencies.http.fail('/http', 1);
  dependencies.redisLink.slow({ delayMs: 1.2 * TIMEOUT_MS });
  dependencies.postgresLink.cut();
  const before = { ...dependencies.attempts };
  const outcomes = await steadyLoad([...callersOf(hardening, dependencies), direct()], 2_500);
  const attempts = (name: Dependency): number => dependencies.attempts[name] - before[name];
  for (const name of ['http', 'redis', 'postgres'] as const) {
    expect([name, shareOf(outcomes, name)]).toEqual([name, 0]);
    expect([name, attempts(name) < countOf(outcomes, name) / 3]).toEqual([name, true]);
  }
  // beside the same work with nothing around it, at the same time: a machine that is busy slows both
  expect(shareOf(outcomes, 'healthy')).toBeGreaterThan(shareOf(outcomes, 'direct') - 0.02);
  for (const share of [0.5, 0.9]) {
    expect(percentileOf(outcomes, 'healthy', share)).toBeLessThan(3 * percentileOf(outcomes, 'direct', share) + 100);
  }
});

/** Share of the healthy calls that fail, or take longer than nine of ten with nothing around them, while nobody keeps the places apart. */
async function harmWithoutCompartments(): Promise<number> {
  const bare = createHardening({ ...options, maxShare: 1 });
  const outcomes = await steadyLoad([...callersOf(bare, dependencies), direct()], 1_200);
  await bare.close();
  return shareBeyond(outcomes, 'healthy', 300 + percentileOf(outcomes, 'direct', 0.9));
}

test('without compartments the same takes the places of healthy work', async () => {
  const harm = [await harmWithoutCompartments()];
  while (harm.length < 3 && Math.max(...harm) < 0.2) harm.push(await harmWithoutCompartments()); // A busy machine may hide it.
  expect(Math.max(...harm)).toBeGreaterThan(0.2);
});

test('when they are well again, so are their callers, without a restart', async () => {
  dependencies.http.fail('/http', 0);
  dependencies.redisLink.heal();
  dependencies.postgresLink.heal();
  // an open circuit is looked at again after its open time; what waits for the dead ends by its limit
  const closed = () => hardening.health().breakers.every(({ state }) => state === 'closed');
  for (let looks = 0; looks < 12 && !(looks > 2 && closed()); looks++) await steadyLoad(callersOf(hardening, dependencies), 400);
  const outcomes = await steadyLoad(callersOf(hardening, dependencies), 1_000);
  for (const name of ['http', 'redis', 'postgres', 'healthy']) expect([name, shareOf(outcomes, name)]).toEqual([name, 1]);
  expect(closed()).toBe(true);
  expect(hardening.bulkhead.stats).toMatchObject({ active: 0, waiting: 0 });
});
