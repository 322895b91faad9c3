import { describe, expect, test } from '@jest/globals';
import { lineReader } from './protocol.ts';

describe('the line reader', () => {
  test('joins pieces of a line and separates lines that come together', () => {
    const lines: string[] = [];
    const read = lineReader((line) => lines.push(line));
    for (const piece of ['on', 'e\ntwo\nth', 'ree', '\n', 'rest']) read(Buffer.from(piece));
    expect(lines).toEqual(['one', 'two', 'three']);
  });
});
