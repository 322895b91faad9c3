import { describe, expect, test } from '@jest/globals';
import { ResponseParser } from './response-parser.ts';

const accepted = 'HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{"id":"a"}';
const refused = 'HTTP/1.1 503 Service Unavailable\r\nretry-after: 2\r\nConnection: close\r\ncontent-length: 0\r\n\r\n';

describe('ResponseParser', () => {
  test('cuts several answers of one chunk', () => {
    expect(new ResponseParser().push(accepted + refused)).toEqual([
      { status: 202, retryAfterS: undefined, body: '{"id":"a"}', last: false },
      { status: 503, retryAfterS: 2, body: '', last: true },
    ]);
  });

  test('joins an answer of many chunks', () => {
    const parser = new ResponseParser();
    const answers = Array.from(refused + accepted, (character) => parser.push(character)).flat();
    expect(answers.map(({ status }) => status)).toEqual([503, 202]);
  });

  test('throws at an answer whose end it cannot know', () => {
    expect(() => new ResponseParser().push('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')).toThrow('no Content-Length');
  });
});
