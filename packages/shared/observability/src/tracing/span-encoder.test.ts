import { describe, expect, test } from '@jest/globals';
import { SpanKind as OtelKind, SpanStatusCode, TraceFlags, type TraceState } from '@opentelemetry/api';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import fc from 'fast-check';
import { createRedactor } from '../redact.ts';
import { SpanEncoder } from './span-encoder.ts';
import type { Attributes, SpanKind, SpanRecord } from './span-record.ts';

const redactor = createRedactor();
const clean = (attributes: Attributes) => redactor.value(attributes) as Record<string, never>;
const RESOURCE = { 'service.name': 'test', 'process.pid': 7 };
const KINDS: Readonly<Record<SpanKind, OtelKind>> = {
  internal: OtelKind.INTERNAL,
  server: OtelKind.SERVER,
  client: OtelKind.CLIENT,
  producer: OtelKind.PRODUCER,
  consumer: OtelKind.CONSUMER,
};

function encode(encoder: SpanEncoder, spans: readonly SpanRecord[]): Buffer {
  const request = encoder.open();
  for (const span of spans) request.add(span);
  return request.end();
}

/** What OpenTelemetry's own serializer makes of the spans. */
function reference(spans: readonly SpanRecord[]): Buffer {
  const resource = resourceFromAttributes(clean(RESOURCE));
  const scope = { name: '@mainstay/observability' };
  return Buffer.from(ProtobufTraceSerializer.serializeRequest(spans.map((span) => readable(span, resource, scope))) ?? []);
}

function readable(span: SpanRecord, resource: ReadableSpan['resource'], instrumentationScope: { name: string }): ReadableSpan {
  const { traceId, spanId, parentSpanId, error, links = [], tracestate } = span;
  const context = {
    traceId,
    spanId,
    traceFlags: TraceFlags.SAMPLED,
    ...(tracestate === undefined ? {} : { traceState: stateOf(tracestate) }),
  };
  const endMs = Math.max(span.startMs, span.endMs);
  return {
    name: span.name,
    kind: KINDS[span.kind],
    spanContext: () => context,
    ...(parentSpanId === undefined ? {} : { parentSpanContext: { ...context, spanId: parentSpanId, isRemote: true } }),
    startTime: hrTime(span.startMs),
    endTime: hrTime(endMs),
    duration: hrTime(endMs - span.startMs),
    status: {
      code: error === undefined ? SpanStatusCode.UNSET : SpanStatusCode.ERROR,
      ...(error?.description === undefined ? {} : { message: error.description }),
    },
    attributes: clean({ ...span.attributes, ...(error === undefined ? {} : { 'error.type': error.type }) }),
    links: links.map(({ attributes = {}, ...to }) => ({
      context: { ...to, traceFlags: TraceFlags.SAMPLED },
      attributes: clean(attributes),
    })),
    events: [],
    ended: true,
    ...{ resource, instrumentationScope, droppedAttributesCount: 0, droppedEventsCount: 0, droppedLinksCount: 0 },
  };
}

function stateOf(text: string): TraceState {
  const state: TraceState = { serialize: () => text, get: () => undefined, set: () => state, unset: () => state };
  return state;
}

function hrTime(ms: number): [number, number] {
  const seconds = Math.floor(ms / 1_000);
  return [seconds, Math.round((ms - seconds * 1_000) * 1_000_000)];
}

const hex = (bytes: number) => fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((id) => Buffer.from(id).toString('hex'));
const text = (maxLength: number) => fc.oneof(fc.string({ maxLength }), fc.string({ unit: 'grapheme', maxLength }));
const value = fc.oneof(
  text(300),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.constantFrom(0, -1, 2 ** 62, -(2 ** 63), 2 ** 63, Infinity, -0.5, true, false),
  fc.double({ noNaN: true }),
  fc.array(text(20), { maxLength: 4 }),
);
const attributes = fc.dictionary(
  fc.oneof(
    fc.constantFrom('a', 'b', 'service.name'),
    text(20).filter((name) => name !== '__proto__'),
  ),
  fc.option(value, { nil: undefined }),
  {
    maxKeys: 8,
  },
);
/** Milliseconds whose fractions are whole sixteenths, so that seconds and milliseconds are rounded alike. */
const time = fc.tuple(fc.nat(4_000_000_000_000), fc.nat(15)).map(([ms, part]) => ms + part / 16);
const span: fc.Arbitrary<SpanRecord> = fc.record(
  {
    ...{ traceId: hex(16), spanId: hex(8), parentSpanId: hex(8), name: text(40), startMs: time, endMs: time, attributes },
    kind: fc.constantFrom<SpanKind>('internal', 'server', 'client', 'producer', 'consumer'),
    links: fc.array(fc.record({ traceId: hex(16), spanId: hex(8), attributes }, { requiredKeys: ['traceId', 'spanId'] }), { maxLength: 3 }),
    error: fc.record({ type: fc.constantFrom('TIMEOUT', 'X'), description: text(20) }, { requiredKeys: ['type'] }),
    tracestate: fc.constantFrom('a=1', 'vendor=x,other=y'),
  },
  { requiredKeys: ['traceId', 'spanId', 'name', 'kind', 'startMs', 'endMs', 'attributes'] },
);

describe('SpanEncoder', () => {
  test("writes what OpenTelemetry's serializer writes, byte for byte, also when it remembers attributes", () => {
    const encoder = new SpanEncoder(RESOURCE, redactor.field);
    fc.assert(
      fc.property(fc.array(span, { minLength: 1, maxLength: 12 }), (spans) => {
        expect(encode(encoder, spans).equals(reference(spans))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('does so for many spans, and for long texts', () => {
    const encoder = new SpanEncoder(RESOURCE, redactor.field);
    const base: SpanRecord = { ...sample, attributes: { run: 'r', n: 1, long: 'x'.repeat(16_000), list: ['y'.repeat(200), 'z'] } };
    const few = [base, { ...base, name: 'n'.repeat(20_000) }];
    expect(encode(encoder, few).equals(reference(few))).toBe(true);
    const many = Array.from({ length: 5_000 }, (_, n) => ({ ...sample, attributes: { run: `run-${n}`, n } }));
    expect(encode(encoder, many).equals(reference(many))).toBe(true);
  });

  test('leaves out a span that cannot be read, and nothing else', () => {
    const encoder = new SpanEncoder(RESOURCE, redactor.field);
    const request = encoder.open();
    const attributes = Object.defineProperty({ first: 1 }, 'second', {
      enumerable: true,
      get: () => {
        throw new Error('unreadable');
      },
    });
    request.add(sample);
    expect(() => {
      request.add({ ...sample, name: 'bad', attributes });
    }).toThrow('unreadable');
    request.add(sample);
    expect(request.end().equals(reference([sample, sample]))).toBe(true);
  });

  test('hides secrets in values, by name, and in the resource', () => {
    const encoder = new SpanEncoder({ 'service.name': 'x', 'db.url': 'postgres://me:hunter22@db/x' }, redactor.field);
    const one = { ...sample, attributes: { password: 'hunter22', note: 'token=hunter22', fine: 'shown' } };
    for (const _again of [1, 2]) {
      const bytes = encode(encoder, [one, one]).toString('latin1');
      expect(bytes).toContain('shown');
      expect(bytes).not.toContain('hunter22');
    }
  });
});

const sample: SpanRecord = {
  ...{ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), parentSpanId: 'c'.repeat(16), name: 'n', kind: 'internal' },
  ...{ startMs: 1_700_000_000_000.25, endMs: 1_700_000_000_001, attributes: {} },
};
