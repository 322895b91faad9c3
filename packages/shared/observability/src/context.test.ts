import { describe, expect, test } from '@jest/globals';
import { currentContext, runWithContext } from './context.ts';
import { activeTrace, runWithBoth, runWithTrace } from './tracing/active-trace.ts';

describe('runWithContext', () => {
  test('gives the context to everything that is started inside, and to nothing outside', async () => {
    const inside = async () => {
      await new Promise(setImmediate);
      return currentContext();
    };
    const [a, b] = await Promise.all([
      runWithContext({ correlationId: 'a', run: 'r' }, inside),
      runWithContext({ correlationId: 'b' }, inside),
    ]);
    expect(a).toEqual({ correlationId: 'a', run: 'r' });
    expect(b).toEqual({ correlationId: 'b' });
    expect(currentContext()).toBeUndefined();
  });

  test('can be nested', () => {
    runWithContext({ correlationId: 'outer' }, () => {
      runWithContext({ correlationId: 'inner' }, () => {
        expect(currentContext()?.correlationId).toBe('inner');
      });
      expect(currentContext()?.correlationId).toBe('outer');
    });
  });
});

test('context and trace follow the work side by side, whichever was entered last', async () => {
  const trace = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-00` };
  const context = { correlationId: 'c' };
  const seen = async () => {
    await new Promise(setImmediate);
    return [currentContext(), activeTrace()];
  };
  expect(await runWithBoth(context, trace, seen)).toEqual([context, trace]);
  expect(await runWithContext(context, () => runWithTrace(trace, seen))).toEqual([context, trace]);
  expect(await runWithTrace(trace, () => runWithContext(context, seen))).toEqual([context, trace]);
  expect(await runWithTrace(trace, seen)).toEqual([undefined, trace]);
  expect(await seen()).toEqual([undefined, undefined]);
});
