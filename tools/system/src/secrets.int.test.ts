import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { freePort, leaksIn, PLANTED, plantedKey, plantedUrl } from '@mainstay/services';
import type { ApiClient } from './api-client.ts';
import type { AppProcess } from './app-process.ts';
import { type Started, System } from './system.ts';
import { OtlpReceiver } from './testing/otlp-receiver.ts';

jest.setTimeout(120_000);

const ADMIN = `${PLANTED}-admin-${'x'.repeat(24)}`;
const input = { customer: `${PLANTED}-customer`, key: plantedKey('input'), password: `${PLANTED}-password`, url: plantedUrl('input') };

let system: System;
let orchestrator: Started;
let api: ApiClient;
let worker: AppProcess;
let management: string;
let traces: OtlpReceiver;
/** Everything that was answered with something other than what the user gave. */
const answers: string[] = [];

beforeAll(async () => {
  [system, traces] = await Promise.all([System.start(), OtlpReceiver.start()]);
  const port = await freePort();
  const secrets = {
    MAINSTAY_BOOTSTRAP_ADMIN_KEY: ADMIN,
    MAINSTAY_SIGNING_KEYS: `k1:${Buffer.concat([Buffer.from(PLANTED), randomBytes(32)]).toString('base64')}`,
    SENTRY_DSN: `http://${PLANTED}dsn@127.0.0.1:1/1`,
    LOG_LEVEL: 'trace',
    OTEL_EXPORTER_OTLP_ENDPOINT: traces.url,
    OTEL_EXPORTER_OTLP_HEADERS: `x-api-key=${PLANTED}-otlp`,
    OTEL_BSP_SCHEDULE_DELAY: '50',
    MAINSTAY_REDACT_PATTERNS: 'acme-[0-9]{4}',
    MAINSTAY_REDACT_PATHS: 'given.customer',
  };
  orchestrator = await system.orchestrator({ env: secrets, key: ADMIN });
  ({ api } = orchestrator);
  management = `http://127.0.0.1:${String(port)}`;
  const { MAINSTAY_BOOTSTRAP_ADMIN_KEY: _key, SENTRY_DSN: _dsn, ...shared } = secrets;
  worker = await system.worker(api, { ...shared, MANAGEMENT_PORT: String(port) }, 'leaky-worker');
  await api.put({ name: 'leaky', stages: [{ id: 'only', agent: 'leaky', retry: { maxAttempts: 2, baseMs: 1, maxMs: 1 } }] } as {
    name: string;
  });
});
afterAll(async () => {
  await system.close();
  await traces[Symbol.asyncDispose]();
});

async function answer(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  const response = await api.request(method, path, body, headers);
  answers.push(`${method} ${String(response.status)} ${await response.text()}`);
  return response;
}

async function raw(path: string, body: string, headers: Readonly<Record<string, string>> = {}): Promise<void> {
  const all = { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json', ...headers };
  const response = await fetch(api.url + path, { method: 'POST', headers: all, body });
  answers.push(`${path.slice(0, 5)} ${String(response.status)} ${await response.text()}`);
}

describe('planted secrets', () => {
  test('of a run are nowhere but where the user put them', async () => {
    const id = await api.submit('leaky', input);
    const run = await api.ended(id);
    expect(run.status).toBe('failed');
    // what was given is given back to who gave it
    expect((run as { input?: unknown }).input).toEqual(input);
    const { input: _given, ...told } = run as typeof run & { input?: unknown };
    answers.push(JSON.stringify(told));
    expect(JSON.stringify(told.tasks[0]?.error)).toContain('the tool failed with postgres://me:[redacted]@');
    for (const path of [`/api/v1/runs/${id}/events`, '/api/v1/errors?status=open', '/api/v1/audit', '/api/v1/agents', '/health/detailed']) {
      await answer('GET', path);
    }
    const letters = await api.json<{ items: { input?: unknown }[] }>('GET', '/api/v1/dead-letters');
    answers.push(JSON.stringify(letters.items.map(({ input: _input, ...letter }) => letter)));
    expect(letters.items).toHaveLength(1);
  });

  test('of requests are in no answer', async () => {
    await answer('GET', `/api/v1/runs?token=${plantedKey('query')}`);
    await answer('GET', `/api/v1/runs/${plantedKey('path')}`);
    await answer('GET', `/api/v1/nothing/${plantedKey('route')}`);
    await answer('GET', '/api/v1/runs', undefined, {
      authorization: `Bearer mst_${PLANTED}_unknown_key_0123456789`,
      cookie: `s=${plantedKey('cookie')}`,
    });
    await answer('GET', '/api/v1/runs', undefined, { authorization: `Basic ${plantedKey('basic')}` });
    await answer('GET', '/health', undefined, { 'x-correlation-id': plantedKey('correlation') });
    await raw('/api/v1/runs', `{"pipeline":"leaky","input":{"password":"${plantedKey('broken')}"`);
    await raw('/api/v1/runs', `{"pipeline":"${plantedKey('name')}"}`);
    await raw('/api/v1/runs', `{"pipeline":"leaky","${plantedKey('member')}":1}`);
    await raw('/api/v1/runs', `{"pipeline":"leaky"}`, { 'idempotency-key': plantedKey('idempotency') });
    await answer('PUT', '/api/v1/pipelines/bad', {
      name: 'bad',
      stages: [{ id: 'a', agent: 'leaky', when: `input.x == "${plantedUrl('expression')}" &&& 1` }],
    });
    await answer('PUT', '/api/v1/admin/log-level', { level: plantedKey('level') });
    await answer('POST', '/api/v1/admin/profiles', { process: plantedKey('process') });
  });

  test('0 leaks in logs, metrics, traces, events, answers and groups of errors', async () => {
    for (const url of [`${api.url}/metrics`, `${management}/metrics`]) {
      answers.push(await (await fetch(url, { headers: { authorization: `Bearer ${ADMIN}` } })).text());
    }
    await worker.end('SIGTERM');
    await orchestrator.process.end('SIGTERM');
    const logs = { orchestrator: orchestrator.process.log, worker: worker.log };
    expect(logs.worker).toContain('"msg":"using [redacted] for [redacted]"');
    expect(logs.orchestrator).toContain('"msg":"a run ended"');
    // its headers have the key that they are to have; what they carry has none
    expect(traces.headers[0]).toMatchObject({ 'x-api-key': `${PLANTED}-otlp` });
    expect(traces.spans.length).toBeGreaterThan(5);
    answers.push(JSON.stringify(traces.spans));
    // they were there to be hidden
    expect(answers.filter((text) => text.includes('[redacted]')).length).toBeGreaterThan(5);
    // the leaks themselves must not be printed: only where they are
    const leaks = [...leaksIn(logs.orchestrator), ...leaksIn(logs.worker), ...answers.flatMap(leaksIn)].map((leak) =>
      leak.replaceAll(PLANTED, '***'),
    );
    expect(leaks).toEqual([]);
  });
});
