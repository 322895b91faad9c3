import { describe, expect, test } from '@jest/globals';
import { createTracing, parseTraceparent, type SpanRecord } from '@mainstay/observability';
import { AgentError, type Outcome, serializeError } from '@mainstay/types';
import { task } from '../testing/task.ts';
import { AttemptTrace } from './attempt-trace.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const STARTED_AT = 1_800_000_000_000;
const FAILED: Outcome = { status: 'failed', error: serializeError(new AgentError('AGENT_FAILED', 'no')) };
const SUCCEEDED: Outcome = { status: 'succeeded', output: null };

function setUp(traceparent: string) {
  const spans: SpanRecord[] = [];
  const tracing = createTracing({
    service: 'test',
    settings: {
      otlp: { url: 'http://127.0.0.1:9/v1/traces', headers: {}, timeoutMs: 1_000 },
      sampler: 'parentbased_always_on',
      ratio: 1,
      keep: { errors: true, slowMs: 60_000 },
      queue: { maxQueueSize: 1_000, maxBatchSize: 500, scheduleDelayMs: 1_000, exportTimeoutMs: 1_000 },
      service: undefined,
      resource: {},
    },
    exporter: { export: async (batch) => void spans.push(...batch), close: async () => undefined },
  });
  if (tracing === undefined) throw new Error('traces are on');
  const trace = new AttemptTrace(tracing, task('agent', null, { traceparent }));
  const end = async (outcome: Outcome | undefined, lastedMs = 5) => {
    trace.end({ worker: 'w', startedAt: STARTED_AT, endedAt: STARTED_AT + lastedMs, outcome });
    await tracing.close();
    return spans.filter(({ name }) => name !== 'wait queue');
  };
  return { trace, end };
}

function callsOf(trace: AttemptTrace, count: number): void {
  for (let number = 1; number <= count; number++) {
    const call = trace.call(`c${number}`);
    call.set({ size: number });
    call.tried();
    call.ended('succeeded');
    // of what is set after the end nothing is told
    call.set({ size: -1 });
  }
}

describe('an attempt of an unsampled trace', () => {
  const unsampled = `00-${TRACE_ID}-00f067aa0ba902b7-00`;

  test('has no spans when it went well', async () => {
    const { trace, end } = setUp(unsampled);
    callsOf(trace, 3);
    expect(await end(SUCCEEDED)).toEqual([]);
  });

  test.each([
    ['failed', FAILED, 5, 'error'],
    ['lost its lease', undefined, 5, 'error'],
    ['took long', SUCCEEDED, 60_000, 'slow'],
  ] as const)('has them with its first 64 calls when it %s', async (_, outcome, lastedMs, kept) => {
    const { trace, end } = setUp(unsampled);
    callsOf(trace, 70);
    const spans = await end(outcome, lastedMs);
    expect(spans.map(({ name }) => name)).toEqual([...Array.from({ length: 64 }, (_, at) => `call c${at + 1}`), 'attempt agent']);
    const attempt = spans.at(-1);
    expect(attempt?.attributes).toMatchObject({ 'mainstay.trace.kept': kept });
    expect(spans[1]).toMatchObject({ traceId: TRACE_ID, parentSpanId: attempt?.spanId });
    expect(spans[1]?.attributes).toMatchObject({
      'mainstay.call': 'c2',
      'mainstay.call.tries': 1,
      'mainstay.outcome': 'succeeded',
      size: 2,
    });
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(65);
  });

  test('hands its place on, unsampled', () => {
    const { trace } = setUp(unsampled);
    expect(parseTraceparent(trace.traceparent)).toMatchObject({ traceId: TRACE_ID, sampled: false });
    expect(trace.call('c').traceparent).not.toBe(trace.traceparent);
  });
});

test('calls of a sampled attempt are told at their place', async () => {
  const { trace, end } = setUp(`00-${TRACE_ID}-00f067aa0ba902b7-01`);
  const call = trace.call('c');
  call.ended('failed', new AgentError('AGENT_FAILED', 'secret text'));
  const [told, attempt] = await end(SUCCEEDED);
  expect(told).toMatchObject({ spanId: parseTraceparent(call.traceparent)?.spanId, error: { type: 'AGENT_FAILED' } });
  expect(attempt?.spanId).toBe(parseTraceparent(trace.traceparent)?.spanId);
  expect(JSON.stringify(told)).not.toContain('secret text');
});

test('where the trace is not valid nothing is told, and what came is handed on', async () => {
  const none = `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`;
  const { trace, end } = setUp(none);
  callsOf(trace, 1);
  expect([trace.traceparent, trace.call('c').traceparent]).toEqual([none, none]);
  expect(await end(FAILED)).toEqual([]);
});
