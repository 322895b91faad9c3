import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type SseMessage, SseParser } from './sse-parser.ts';

function read(...chunks: readonly string[]): { readonly messages: readonly SseMessage[]; readonly lastId: string | undefined } {
  const messages: SseMessage[] = [];
  const parser = new SseParser((message) => messages.push(message));
  for (const chunk of chunks) parser.feed(chunk);
  return { messages, lastId: parser.lastId };
}

const STREAM =
  'retry: 1000\n\nid: 1\n\n: alive\n\nid: 2\nevent: a\ndata: {"x":1}\n\nevent:b\r\ndata:1\r\ndata: 2\r\n\r\ndata\n\ndata: last';

describe('SseParser', () => {
  test('reads events, comments, ids without events, and either line end', () => {
    expect(read(STREAM)).toEqual({
      messages: [
        { event: 'a', data: '{"x":1}' },
        { event: 'b', data: '1\n2' },
      ],
      lastId: '2',
    });
  });

  test('reads the same however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(STREAM.length)), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), STREAM.length];
        expect(read(...places.slice(1).map((to, index) => STREAM.slice(places[index], to)))).toEqual(read(STREAM));
      }),
    );
  });

  test('the id of an event that is not whole does not count', () => {
    expect(read('id: 1\n\nid: 2\nevent: a\ndata: x\n').lastId).toBe('1');
  });

  test('an event without end is refused', () => {
    expect(() => read('data: ', 'x'.repeat(17 * 1_024 * 1_024))).toThrow('too long');
  });
});
