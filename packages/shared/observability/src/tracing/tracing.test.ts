import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { activeTrace, traceEnvironment, traceHeaders, traceOfEnvironment } from './active-trace.ts';
import { genAiAttributes } from './gen-ai.ts';
import { inSpan } from './live-span.ts';
import type { SpanRecord } from './span-record.ts';
import { createTracing, type TracingSettings } from './tracing.ts';

const settings: TracingSettings = {
  otlp: { url: 'http://127.0.0.1:9/v1/traces', headers: {}, timeoutMs: 1_000 },
  sampler: 'parentbased_always_on',
  ratio: 1,
  keep: { errors: true, slowMs: 60_000 },
  queue: { maxQueueSize: 100, maxBatchSize: 50, scheduleDelayMs: 1_000, exportTimeoutMs: 1_000 },
  service: undefined,
  resource: {},
};

function setUp(more: Partial<TracingSettings> = {}) {
  const spans: SpanRecord[] = [];
  const exporter = { export: async (batch: readonly SpanRecord[]) => void spans.push(...batch), close: async () => undefined };
  const tracing = createTracing({ service: 'test', settings: { ...settings, ...more }, exporter });
  return { tracing, spans };
}

describe('createTracing', () => {
  test('is nothing when traces are off; work is done all the same, at the place of its parent', async () => {
    const tracing = createTracing({ service: 'test', settings: undefined });
    expect(tracing).toBeUndefined();
    const parent = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` };
    expect(await inSpan(tracing, 'work', ({ traceparent }) => traceparent, { parent })).toBe(parent.traceparent);
  });

  test('tells spans within spans, and what they start goes on with their trace', async () => {
    const { tracing, spans } = setUp();
    await inSpan(tracing, 'outer', async (outer) => {
      await inSpan(tracing, 'inner', (inner) => {
        expect(activeTrace()?.traceparent).toBe(inner.traceparent);
        expect(traceHeaders()).toEqual({ traceparent: inner.traceparent });
        expect(traceOfEnvironment(traceEnvironment())?.traceparent).toBe(inner.traceparent);
        inner.set(genAiAttributes({ operation: 'chat', provider: 'p', requestModel: 'm' }));
      });
      expect(activeTrace()?.traceparent).toBe(outer.traceparent);
    });
    expect(activeTrace()).toBeUndefined();
    await tracing?.close();
    const [inner, outer] = spans;
    expect([inner?.name, inner?.parentSpanId, inner?.traceId]).toEqual(['inner', outer?.spanId, outer?.traceId]);
    expect(inner?.attributes).toMatchObject({ 'gen_ai.request.model': 'm' });
    expect(outer?.parentSpanId).toBeUndefined();
  });

  test('of unsampled traces only errors and slow ones are told', async () => {
    const { tracing, spans } = setUp({ sampler: 'always_off', keep: { errors: true, slowMs: 20 } });
    await inSpan(tracing, 'quick', () => undefined);
    await inSpan(tracing, 'slow', () => new Promise((resolve) => setTimeout(resolve, 40)));
    await expect(inSpan(tracing, 'bad', () => Promise.reject(new Error('secret text')))).rejects.toThrow('secret text');
    await tracing?.close();
    expect(spans.map(({ name, attributes }) => [name, attributes['mainstay.trace.kept']])).toEqual([
      ['slow', 'slow'],
      ['bad', 'error'],
    ]);
    expect(JSON.stringify(spans)).not.toContain('secret text');
  });

  test('posts over HTTP, with its headers, and no secret leaves with it', async () => {
    const bodies: Buffer[] = [];
    const headers: unknown[] = [];
    const server = createServer((request, response) => {
      headers.push(request.headers['x-key'], request.headers['content-type'], request.url);
      request.on('data', (piece: Buffer) => bodies.push(piece));
      request.on('end', () => response.end());
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`;
    const counts = { exported: 0 };
    const tracing = createTracing({
      service: 'test',
      settings: { ...settings, otlp: { url, headers: { 'x-key': 'k' }, timeoutMs: 5_000 } },
      counts: { exported: (n) => (counts.exported += n), dropped: () => undefined },
    });
    const attributes = { url: 'postgres://me:hunter22@db/x', password: 'hunter22', fine: 'shown', mail: 'ann@example.com' };
    await inSpan(tracing, 'work', () => undefined, { attributes });
    await tracing?.flush(30_000);
    await tracing?.close();
    server.closeAllConnections();
    server.close();
    const body = Buffer.concat(bodies).toString('latin1');
    expect(headers).toEqual(['k', 'application/x-protobuf', '/v1/traces']);
    expect(counts.exported).toBe(1);
    expect(body).toContain('shown');
    expect(body).not.toMatch(/hunter22|ann@example/);
  });
});
