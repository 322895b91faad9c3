import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { endpointOf, reconnectDelay } from './options.ts';

describe('the reconnect delay', () => {
  test('grows from 50 ms to 1 s, half of it by chance', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, chance) => {
        const delay = reconnectDelay(attempt, () => chance);
        expect(delay).toBeGreaterThanOrEqual(25);
        expect(delay).toBeLessThanOrEqual(1_000);
        expect(reconnectDelay(attempt + 1, () => chance)).toBeGreaterThanOrEqual(delay);
      }),
    );
    expect([1, 2, 9].map((attempt) => reconnectDelay(attempt, () => 1))).toEqual([50, 100, 1_000]);
  });
});

describe('the endpoint', () => {
  test.each([
    ['redis://127.0.0.1:7000', '127.0.0.1:7000'],
    ['rediss://user:secret@cache.example/2', 'cache.example:6379'],
    ['redis://[::1]:6380', '[::1]:6380'],
  ])('of %s is %s', (url, endpoint) => {
    expect(endpointOf(url)).toBe(endpoint);
  });

  test.each(['', 'localhost', 'http://host'])('is not taken from %j', (url) => {
    expect(() => endpointOf(url)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });
});
