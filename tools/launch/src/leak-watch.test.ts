import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { watchForLeaks } from './leak-watch.ts';

async function watched(chunks: readonly string[]): Promise<{ readonly leaks: number; readonly passed: string }> {
  const watch = watchForLeaks(['abx', 'yy']);
  const passed = await text(Readable.from(chunks.map((chunk) => Buffer.from(chunk))).pipe(watch.stream));
  return { leaks: watch.leaks, passed };
}

describe('watchForLeaks', () => {
  test('passes everything on, and finds each marker once', async () => {
    expect(await watched(['fine ', 'ab', 'x', ' and abx ', 'a', 'b', '-', 'x'])).toEqual({ leaks: 2, passed: 'fine abx and abx ab-x' });
    expect(await watched(['ab', 'xy', 'y', 'yy'])).toEqual({ leaks: 3, passed: 'abxyyyy' });
    expect(await watched([])).toEqual({ leaks: 0, passed: '' });
  });

  test('however the text is cut', async () => {
    const pieces = fc.array(fc.constantFrom('a', 'b', 'ab', 'x', 'abx', 'bx', 'abxab'), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(pieces, async (chunks) => {
        const whole = chunks.join('');
        expect(await watched(chunks)).toEqual({ leaks: whole.split('abx').length - 1, passed: whole });
      }),
      { numRuns: 200 },
    );
  });
});
