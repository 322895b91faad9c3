import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MemoryLevel } from './memory-level.ts';

const lasting = (value: string) => ({ value, freshUntil: 1, staleUntil: 1e9 });

describe('MemoryLevel', () => {
  test('stays within its bounds, counts its bytes right and keeps what was used last', () => {
    const step = fc.record({
      kind: fc.constantFrom('set', 'get', 'delete'),
      key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      size: fc.integer({ min: 0, max: 12 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const level = new MemoryLevel<string>(3, 20, (value) => value.length);
        let model: [string, string][] = [];
        for (const { kind, key, size } of steps) {
          const value = 'x'.repeat(size);
          const old = model.find(([one]) => one === key);
          if (kind === 'get') {
            expect(level.get(key, 0)?.value).toBe(old?.[1]);
            if (old !== undefined) model = [...model.filter((one) => one !== old), old];
            continue;
          }
          model = model.filter(([one]) => one !== key);
          if (kind === 'delete') level.delete(key);
          else {
            level.set(key, lasting(value));
            model.push([key, value]);
            while (model.length > 3 || model.reduce((sum, [, text]) => sum + text.length, 0) > 20) model.shift();
          }
          expect(level.size).toBe(model.length);
          expect(level.bytes).toBe(model.reduce((sum, [, text]) => sum + text.length, 0));
        }
        level.clear();
        expect([level.size, level.bytes]).toEqual([0, 0]);
      }),
    );
  });

  test('does not keep what is larger than all of it, and drops the value that it would have replaced', () => {
    const level = new MemoryLevel<string>(3, 20, (value) => value.length);
    level.set('a', lasting('small'));
    level.set('a', lasting('x'.repeat(21)));
    expect(level.get('a', 0)).toBeUndefined();
    expect(level.bytes).toBe(0);
  });

  test('forgets what is past its staleness', () => {
    const level = new MemoryLevel<string>(3, 20, (value) => value.length);
    level.set('a', { value: 'old', freshUntil: 5, staleUntil: 10 });
    expect(level.get('a', 9)?.value).toBe('old');
    expect(level.get('a', 10)).toBeUndefined();
    expect([level.size, level.bytes]).toEqual([0, 0]);
    level.delete('a');
  });
});
