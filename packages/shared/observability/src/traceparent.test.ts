import { traceparentSchema } from '@mainstay/types';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { childTraceparent, isSampled, newTraceparent, parseTraceparent, traceIdOf, validTraceIdOf } from './traceparent.ts';

const seeded = (fill: number) => (target: Uint8Array) => target.fill(fill);

describe('newTraceparent', () => {
  test('is valid whatever the random bytes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), (fill) => {
        const traceparent = newTraceparent(seeded(fill));
        expect(traceparentSchema.safeParse(traceparent).success).toBe(true);
        expect(parseTraceparent(traceparent)?.sampled).toBe(true);
      }),
    );
  });

  test('differs from call to call', () => {
    expect(newTraceparent()).not.toBe(newTraceparent());
  });
});

describe('childTraceparent', () => {
  test('stays in the trace, with a span of its own and the decision to sample', () => {
    const parent = newTraceparent();
    const child = parseTraceparent(childTraceparent(parent));
    expect(child?.traceId).toBe(parseTraceparent(parent)?.traceId);
    expect(child?.spanId).not.toBe(parseTraceparent(parent)?.spanId);
    const unsampled = parent.replace(/01$/, '00');
    expect(parseTraceparent(childTraceparent(unsampled, seeded(7)))).toMatchObject({ spanId: '07'.repeat(8), sampled: false });
  });

  test('begins a new trace under a parent that is not valid', () => {
    expect(childTraceparent('nonsense', seeded(7))).toBe(newTraceparent(seeded(7)));
  });
});

describe('parseTraceparent', () => {
  const trace = 'a'.repeat(32);
  const span = 'b'.repeat(16);

  test('takes a valid one apart', () => {
    expect(parseTraceparent(`00-${trace}-${span}-03`)).toEqual({ traceId: trace, spanId: span, sampled: true });
  });

  test.each([
    '',
    `01-${trace}-${span}-01`,
    `00-${'0'.repeat(32)}-${span}-01`,
    `00-${trace}-${'0'.repeat(16)}-01`,
    `00-${trace.toUpperCase()}-${span}-01`,
    `00-${trace}-${span}-01-more`,
  ])('refuses %j', (text) => {
    expect(parseTraceparent(text)).toBeUndefined();
  });
});

describe('traceIdOf', () => {
  test('gives the trace id of a valid one', () => {
    const traceparent = newTraceparent();
    expect(traceIdOf(traceparent)).toBe(parseTraceparent(traceparent)?.traceId);
  });
});

test('the flag alone says whether a checked one is sampled', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 255 }), (flags) => {
      const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-${flags.toString(16).padStart(2, '0')}`;
      expect(isSampled(traceparent)).toBe(flags % 2 === 1);
      expect(parseTraceparent(traceparent)?.sampled).toBe(flags % 2 === 1);
    }),
  );
});

test('of a checked traceparent the trace id is valid when neither id is of zeros only', () => {
  const hex = (length: number) => fc.oneof(fc.constant('0'.repeat(length)), fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`)));
  fc.assert(
    fc.property(hex(32), hex(16), (trace, span) => {
      const traceparent = `00-${trace}-${span}-01`;
      const valid = /[^0]/.test(trace) && /[^0]/.test(span) ? trace : undefined;
      expect(validTraceIdOf(traceparent)).toBe(valid);
      expect(parseTraceparent(traceparent)?.traceId).toBe(valid);
    }),
  );
});
