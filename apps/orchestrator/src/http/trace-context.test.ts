import { describe, expect, test } from '@jest/globals';
import { createSampler, parseTraceparent, rootSpanId, traceIdOf } from '@mainstay/observability';
import { isUuid } from '@mainstay/types';
import { placeOf } from '../traces/run-place.ts';
import { runTraceparent, traceContext, traceOfRun } from './trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = `00-${TRACE}-00f067aa0ba902b7-01`;
const BAD = [undefined, 'garbage', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`];

describe('traceContext', () => {
  test('takes over a well-formed correlation id', () => {
    expect(traceContext('order-77_B', {}).correlationId).toBe('order-77_B');
  });

  test.each([undefined, '', 'a b', 'x'.repeat(65), 'a\r\nb', 'ünï'])('makes up a correlation id in place of %j', (sent) => {
    expect(isUuid(traceContext(sent, {}).correlationId)).toBe(true);
  });

  test("goes on with the caller's trace under a span of its own", () => {
    const { traceparent, caller } = traceContext(undefined, { traceparent: CALLER });
    expect(traceparent).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`));
    expect(traceparent).not.toContain('00f067aa0ba902b7');
    expect(caller).toBe(CALLER);
  });

  test.each(BAD)('begins a trace in place of %j', (traceparent) => {
    const begun = traceContext(undefined, { traceparent });
    expect(begun.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(begun.caller).toBeUndefined();
  });

  test('hands on what others have to tell, where it is well-formed and belongs to a trace', () => {
    expect(traceContext(undefined, { traceparent: CALLER, tracestate: 'a=1,b=2' }).tracestate).toBe('a=1,b=2');
    for (const tracestate of [undefined, '', 'a=\n', 'x'.repeat(513)]) {
      expect(traceContext(undefined, { traceparent: CALLER, tracestate })).not.toHaveProperty('tracestate');
    }
    expect(traceContext(undefined, { tracestate: 'a=1' })).not.toHaveProperty('tracestate');
  });

  test('has the sampler decide for all that follows', () => {
    const sent = { traceparent: CALLER };
    const { traceparent, caller } = traceContext(undefined, sent, createSampler('always_off', 1));
    expect([traceparent, caller].map((text) => parseTraceparent(text ?? '')?.sampled)).toEqual([false, false]);
    expect(traceContext(undefined, sent, createSampler('parentbased_traceidratio', 0)).caller).toBe(CALLER);
  });
});

describe('the place of a run', () => {
  test('is below its caller, and not below the request, which may be lost', () => {
    const traceparent = runTraceparent(traceContext(undefined, { traceparent: CALLER }));
    expect(placeOf({ traceparent })).toEqual({ traceId: TRACE, parentSpanId: '00f067aa0ba902b7', sampled: true });
  });

  test('is the root of the trace of a request without a caller', () => {
    const trace = traceContext(undefined, {});
    const traceparent = runTraceparent(trace);
    expect(placeOf({ traceparent })).toEqual({ traceId: traceIdOf(trace.traceparent), parentSpanId: undefined, sampled: true });
    expect(traceparent).toContain(rootSpanId(traceIdOf(trace.traceparent)));
  });

  test('in a batch: its own trace if it brings one, else that of the caller, else a new one', () => {
    const [plain, called] = [traceContext(undefined, {}), traceContext(undefined, { traceparent: CALLER })];
    expect(traceIdOf(traceOfRun('c', { traceparent: CALLER }, plain).traceparent)).toBe(TRACE);
    expect(runTraceparent(traceOfRun('c', {}, called))).toBe(CALLER);
    const alone = [traceOfRun('c', {}, plain), traceOfRun('c', {}, plain)].map(runTraceparent).map(traceIdOf);
    expect(new Set([...alone, traceIdOf(plain.traceparent)]).size).toBe(3);
  });
});
