import { randomBytes } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { createClient } from '@mainstay/client';
import { loadConfig, traceEnv, traceSettings } from '@mainstay/config';
import { type ActiveTrace, activeTrace, createTracing, inSpan, parseTraceparent, spanAttributes, traceIdOf } from '@mainstay/observability';
import { System } from './system.ts';
import { OtlpReceiver } from './testing/otlp-receiver.ts';

jest.setTimeout(120_000);

let system: System;
let receiver: OtlpReceiver;
const heard: IncomingHttpHeaders[] = [];
const service = createServer((request, response) => {
  heard.push(request.headers);
  response.end('42');
});

beforeAll(async () => {
  service.listen(0, '127.0.0.1');
  [system, receiver] = await Promise.all([System.start(), OtlpReceiver.start(), once(service, 'listening')]);
});
afterAll(async () => {
  service.close();
  await Promise.all([system.close(), receiver[Symbol.asyncDispose]()]);
});

test('a run is one trace through all processes, across a retry, the death of a worker and a stop of everything', async () => {
  const otel = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '50' };
  const first = await system.orchestrator({ env: otel });
  const [sleeper, asking] = await Promise.all([
    system.worker(first.api, { ...otel, MAINSTAY_WORKER_KINDS: 'sleep' }),
    system.worker(first.api, otel, 'traced-worker'),
  ]);
  const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
  await first.api.put({
    name: 'traced',
    stages: [
      { id: 'ask', agent: 'asking', input: { url }, retry: { baseMs: 20, jitter: 'none' } },
      { id: 'nap', agent: 'sleep', needs: ['ask'], input: { ms: 3_000, stepMs: 50 } },
    ],
  } as { name: string });

  const tracing = createTracing({ service: 'shop', settings: traceSettings(loadConfig(traceEnv, otel)) });
  await using client = createClient({ url: first.api.url, key: system.key, trace: activeTrace });
  const parent = { traceparent: `00-${randomBytes(16).toString('hex')}-b7ad6b7169203331-01`, tracestate: 'shop=a:b,other=1' };
  const submit = async (span: ActiveTrace) => ({
    id: (await client.submit({ pipeline: 'traced' })).id,
    traceId: traceIdOf(span.traceparent),
  });
  const { id, traceId } = await inSpan(tracing, 'order', submit, { parent });
  await tracing?.close();

  const napping = (attempt: number) => first.api.until(id, ({ tasks: [, nap] }) => nap?.status === 'running' && nap.attempt === attempt);
  await napping(1);
  await sleeper.end('SIGKILL');
  const heir = await system.worker(first.api, { ...otel, MAINSTAY_WORKER_KINDS: 'sleep' });
  await napping(2);
  expect(await Promise.all([heir.end('SIGTERM'), asking.end('SIGTERM'), first.process.end('SIGTERM')])).toEqual([0, 0, 0]);
  const second = await system.orchestrator({ env: otel });
  const last = await system.worker(second.api, { ...otel, MAINSTAY_WORKER_KINDS: 'sleep' });
  const ended = await second.api.ended(id);
  expect(ended.status).toBe('succeeded');
  expect(ended).toMatchObject({ traceId });
  expect(await Promise.all([last.end('SIGTERM'), second.process.end('SIGTERM')])).toEqual([0, 0]);

  const spans = receiver.trace(traceId);
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const tree = spans.map(({ service: of, name, parentSpanId }) => `${of}: ${name} < ${byId.get(parentSpanId)?.name ?? parentSpanId}`);
  // a task that is handed back may be dispatched at once, and lie in its queue while everything is stopped
  const certain = new Set(tree.filter((edge) => !edge.endsWith('wait shutdown < task nap')));
  expect([...certain].sort()).toEqual(
    [
      'shop: order < b7ad6b7169203331',
      'mainstay-orchestrator: POST /api/v1/runs < order',
      'mainstay-orchestrator: run traced < order',
      'mainstay-orchestrator: wait shutdown < run traced',
      'mainstay-orchestrator: task ask < run traced',
      'mainstay-orchestrator: dispatch asking < task ask',
      'traced-worker: wait queue < dispatch asking',
      'traced-worker: attempt asking < dispatch asking',
      'mainstay-orchestrator: wait retry < task ask',
      'traced-worker: call model < attempt asking',
      'child: child work < call model',
      'mainstay-orchestrator: task nap < run traced',
      'mainstay-orchestrator: dispatch sleep < task nap',
      'agents: wait queue < dispatch sleep',
      'agents: attempt sleep < dispatch sleep',
    ].sort(),
  );
  expect(byId.size).toBe(spans.length);
  const own = new Set(spans.flatMap(({ attributes }) => Object.keys(attributes)).filter((name) => name.startsWith('mainstay.')));
  expect(Object.keys(spanAttributes)).toEqual(expect.arrayContaining([...own]));
  const outcomes = (name: string) => spans.filter((span) => span.name === name).map(({ attributes }) => attributes['mainstay.outcome']);
  expect(outcomes('dispatch asking')).toEqual(['failed', 'succeeded']);
  const naps = outcomes('dispatch sleep');
  expect([naps[0], naps.includes('suspended'), naps.at(-1)]).toEqual(['lost', true, 'succeeded']);
  // of the one that was killed its worker told nothing
  expect(outcomes('attempt sleep')).toHaveLength(naps.filter((outcome) => outcome === 'suspended' || outcome === 'succeeded').length);
  for (const name of ['dispatch asking', 'dispatch sleep']) {
    const tries = spans.filter((span) => span.name === name);
    expect(tries.map(({ links }) => links.map(({ spanId }) => spanId))).toEqual([[], ...tries.slice(0, -1).map(({ spanId }) => [spanId])]);
  }
  const call = spans.find(({ name }) => name === 'call model');
  expect(call?.attributes).toMatchObject({
    'gen_ai.request.model': 'm-1',
    'gen_ai.usage.output_tokens': 11,
    'mainstay.outcome': 'succeeded',
  });
  const [headers] = heard;
  expect(parseTraceparent(String(headers?.['traceparent']))).toEqual({ traceId, spanId: call?.spanId, sampled: true });
  // what others have to tell of the trace came through the database, also after the stop, the queue and the agent, and to a child process
  expect([heard.length, headers?.['tracestate']]).toEqual([1, parent.tracestate]);
  expect(new Set(spans.map(({ tracestate }) => tracestate))).toEqual(new Set([parent.tracestate]));
  const post = spans.find(({ name }) => name.startsWith('POST'));
  expect(post?.links).toEqual([{ traceId, spanId: spans.find(({ name }) => name === 'run traced')?.spanId }]);
});

test('where a worker has an OpenTelemetry SDK of its own, its spans are below the attempt, and runs that it submits are below them', async () => {
  const otel = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '50' };
  const { api, process: orchestrator } = await system.orchestrator({ env: otel });
  const workers = await Promise.all([
    system.worker(api, otel, 'sdk-worker'),
    system.worker(api, { ...otel, MAINSTAY_WORKER_KINDS: 'noop' }),
  ]);
  await api.put({ name: 'leaf', stages: [{ id: 'n', agent: 'noop' }] } as { name: string });
  await api.put({ name: 'trunk', stages: [{ id: 'i', agent: 'instrumented' }] } as { name: string });
  const trunk = await api.ended(await api.submit('trunk', { url: api.url, key: system.key, then: 'leaf' }));
  const leaf = await api.ended((trunk.tasks[0]?.output as { run: string }).run);
  await Promise.all([...workers, orchestrator].map((one) => one.end('SIGTERM')));
  const { traceId } = trunk as { traceId?: string };
  expect(leaf).toMatchObject({ status: 'succeeded', traceId });
  const spans = receiver.trace(traceId ?? '');
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const tree = spans.map(({ service: of, name, parentSpanId }) => `${of}: ${name} < ${byId.get(parentSpanId)?.name ?? ''}`);
  expect(tree).toEqual(
    expect.arrayContaining([
      'mainstay-orchestrator: task i < run trunk',
      'sdk-worker: attempt instrumented < task i',
      'own-sdk: own work < attempt instrumented',
      'mainstay-orchestrator: run leaf < own work',
      'agents: attempt noop < task n',
    ]),
  );
});
