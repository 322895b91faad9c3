import { afterEach, describe, expect, test } from '@jest/globals';
import { countSpans, openTraceSink, type TraceSink } from './trace-sink.ts';

let sink: TraceSink | undefined;
afterEach(() => sink?.close());

/** A field that holds bytes. */
const field = (number: number, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  const length = body.length < 128 ? [body.length] : [(body.length & 127) | 128, body.length >> 7];
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), body]);
};
const span = field(2, field(5, Buffer.from('a step of a run'.repeat(10))), Buffer.from([(7 << 3) | 1, 1, 2, 3, 4, 5, 6, 7, 8]));
const request = field(1, field(1, Buffer.from('resource')), field(2, span, span), field(2, span));

describe('the sink of traces', () => {
  test('counts the spans of all scopes, whatever else a message holds', () => {
    expect(countSpans(request)).toBe(3);
    expect(countSpans(Buffer.concat([request, request]))).toBe(6);
    expect(countSpans(Buffer.alloc(0))).toBe(0);
    expect(() => countSpans(request.subarray(0, 1))).toThrow('no protobuf');
  });

  test('takes in what is posted', async () => {
    sink = await openTraceSink();
    for (const path of ['/v1/traces', '/v1/logs', '/v1/traces']) {
      const { status } = await fetch(`${sink.url}${path}`, { method: 'POST', body: new Uint8Array(request) });
      expect(status).toBe(200);
    }
    expect(sink.counts()).toEqual({ requests: 2, bytes: 2 * request.length, spans: 6 });
  });
});
