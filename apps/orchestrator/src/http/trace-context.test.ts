import { describe, expect, test } from '@jest/globals';
import { isUuid } from '@mainstay/types';
import { traceContext } from './trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

describe('traceContext', () => {
  test('takes over a well-formed correlation id', () => {
    expect(traceContext('order-77_B', undefined).correlationId).toBe('order-77_B');
  });

  test.each([undefined, '', 'a b', 'x'.repeat(65), 'a\r\nb', 'ünï'])('makes up a correlation id in place of %j', (sent) => {
    expect(isUuid(traceContext(sent, undefined).correlationId)).toBe(true);
  });

  test("goes on with the caller's trace under a span of its own", () => {
    const { traceparent } = traceContext(undefined, `00-${TRACE}-00f067aa0ba902b7-01`);
    expect(traceparent).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`));
    expect(traceparent).not.toContain('00f067aa0ba902b7');
  });

  test.each([undefined, 'garbage', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`])('begins a trace in place of %j', (sent) => {
    expect(traceContext(undefined, sent).traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  });
});
