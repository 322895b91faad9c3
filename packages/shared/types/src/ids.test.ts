import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isUuid, uuidv7 } from './ids.ts';

const times = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const timeOf = (uuid: string) => Number.parseInt(uuid.replaceAll('-', '').slice(0, 12), 16);

describe('uuidv7', () => {
  test('has the layout of RFC 9562 whatever the time and the random bytes', () => {
    fc.assert(
      fc.property(times, fc.uint8Array({ minLength: 16, maxLength: 16 }), (nowMs, bytes) => {
        const uuid = uuidv7(nowMs, (target) => {
          target.set(bytes);
          return target;
        });
        expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(timeOf(uuid)).toBe(nowMs);
        expect(isUuid(uuid)).toBe(true);
      }),
    );
  });

  test('sorts as text by the time of creation', () => {
    fc.assert(
      fc.property(times, times, (a, b) => {
        fc.pre(a !== b);
        return uuidv7(a) < uuidv7(b) === a < b;
      }),
    );
  });

  test('is the same again for the same time and random bytes', () => {
    const sevens = (target: Uint8Array) => target.fill(7);
    expect(uuidv7(1_767_225_600_000, sevens)).toBe('019b76da-a800-7707-8707-070707070707');
  });

  test('differs between calls within a millisecond', () => {
    const ids = new Set(Array.from({ length: 1_000 }, () => uuidv7(1)));
    expect(ids.size).toBe(1_000);
  });

  test('takes the present time by default', () => {
    const before = Date.now();
    const time = timeOf(uuidv7());
    expect(time).toBeGreaterThanOrEqual(before);
    expect(time).toBeLessThanOrEqual(Date.now());
  });
});

describe('isUuid', () => {
  test.each(['', '019B76DA-A800-7707-8707-070707070707', '019b76daa800770787070707070707', '{019b76da-a800-7707-8707-070707070707}'])(
    'refuses %j',
    (text) => {
      expect(isUuid(text)).toBe(false);
    },
  );
});
