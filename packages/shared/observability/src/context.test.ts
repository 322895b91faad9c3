import { describe, expect, test } from '@jest/globals';
import { currentContext, runWithContext } from './context.ts';

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
