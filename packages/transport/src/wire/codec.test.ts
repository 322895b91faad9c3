import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { resultMessage, taskMessage, testKeys } from '../testing/index.ts';
import { createCodec } from './codec.ts';
import { seal } from './frame.ts';
import { MAX_BATCH_MESSAGES } from './pack.ts';
import { createSigner } from './signer.ts';

const codec = createCodec({ keys: testKeys });

describe('a codec', () => {
  test('gives back any JSON value as it was', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (input, lane) => {
        const copy: unknown = JSON.parse(JSON.stringify(input));
        const { messages, refusals } = codec.decodeTask(lane, codec.encodeTask(lane, taskMessage({ input: input as never })).frame);
        expect(refusals).toEqual([]);
        expect(messages[0]?.input).toEqual(copy);
      }),
    );
  });

  test('never throws at what arrives, and accepts nothing that it did not sign', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `v1.${text}`),
          fc.string().map((text) => `v1.k1.${text}.{}`),
        ),
        (frame) => {
          const { messages, refusals } = codec.decodeTask('lane', frame);
          expect(messages).toEqual([]);
          expect(refusals).toHaveLength(1);
        },
      ),
    );
  });

  test('refuses a frame in which any one character was changed', () => {
    const frame = codec.encodeTask('lane', taskMessage()).frame;
    fc.assert(
      fc.property(fc.nat(frame.length - 1), fc.integer({ min: 33, max: 126 }), (at, code) => {
        const changed = frame.slice(0, at) + String.fromCharCode(code) + frame.slice(at + 1);
        fc.pre(changed !== frame);
        expect(codec.decodeTask('lane', changed).messages).toEqual([]);
      }),
    );
  });

  test('packs batches in order, each within the limit, none larger than may be', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(600), { maxLength: 40 }), fc.integer({ min: 1_400, max: 4_000 }), (sizes, maxMessageBytes) => {
        const small = createCodec({ keys: testKeys, maxMessageBytes });
        const sent = sizes.map((size) => resultMessage({ outcome: { status: 'succeeded', output: 'x'.repeat(size) } }));
        const decoded = small.encodeBatches('lane', sent).map(({ frame }) => small.decodeBatch('lane', frame));
        expect(decoded.flatMap(({ messages }) => messages)).toEqual(sent);
        expect(decoded.flatMap(({ refusals }) => refusals)).toEqual([]);
      }),
    );
    const many = codec.encodeBatches(
      'lane',
      Array.from({ length: MAX_BATCH_MESSAGES + 1 }, () => resultMessage()),
    );
    expect(many.map(({ frame }) => codec.decodeBatch('lane', frame).messages.length)).toEqual([MAX_BATCH_MESSAGES, 1]);
  });

  test('puts all that fits into one frame, however much of it there is in either way of packing', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(900), { minLength: 1, maxLength: 40 }), (sizes) => {
        const sent = sizes.map((size) => resultMessage({ outcome: { status: 'succeeded', output: 'ü'.repeat(size) } }));
        // 40 messages of this size may be more than the 4,000 bytes that lie in a lane, and are far less than a frame may have.
        const sealed = createCodec({ keys: testKeys, inlineBytes: 4_000 }).encodeBatches('lane', sent);
        expect(sealed.map(({ frame }) => codec.decodeBatch('lane', frame).messages)).toEqual([sent]);
      }),
    );
  });

  test('takes a message that is exactly as large as allowed, alone or as a batch, and none that is a byte larger', () => {
    const result = resultMessage({ outcome: { status: 'succeeded', output: 'ü' } });
    const exact = createCodec({ keys: testKeys, maxMessageBytes: Buffer.byteLength(JSON.stringify(result)) });
    const [sealed] = exact.encodeBatches('lane', [result]);
    expect(exact.decodeBatch('lane', sealed?.frame ?? '').messages).toEqual([result]);
    const larger = resultMessage({ ...result, outcome: { status: 'succeeded', output: 'üx' } });
    expect(() => exact.encodeBatches('lane', [larger])).toThrow(expect.objectContaining({ code: 'MESSAGE_TOO_LARGE' }));
  });

  test('drops fields that it does not know, so that newer senders are understood', () => {
    const newer = { ...taskMessage(), colour: 'red' };
    const { messages } = codec.decodeTask('lane', codec.encodeTask('lane', newer).frame);
    expect(messages[0]).not.toHaveProperty('colour');
    expect(messages[0]?.id).toBe(newer.id);
  });
});

describe('references', () => {
  const small = createCodec({ keys: testKeys, inlineBytes: 700 });

  test('stand for messages that are too large for their lane, alone and between others, and give them back', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(900), { maxLength: 20 }), (sizes) => {
        const sent = sizes.map((size) => resultMessage({ outcome: { status: 'succeeded', output: 'ü'.repeat(size) } }));
        const sealed = small.encodeBatches('lane', sent);
        const decoded = sealed.map(({ frame, payload }) => small.decodeBatch('lane', frame, payload?.text));
        expect(decoded.flatMap(({ messages }) => messages)).toEqual(sent);
        const large = sent.filter((message) => Buffer.byteLength(JSON.stringify(message)) > 700);
        expect(sealed.filter(({ payload }) => payload !== undefined)).toHaveLength(large.length);
        for (const { frame, payload } of sealed) expect(small.referenceOf('lane', frame)?.name).toBe(payload?.name);
      }),
    );
  });

  test('hold for one lane, one payload and one signature only', () => {
    const { frame, payload } = small.encodeTask('lane', taskMessage({ input: 'x'.repeat(700) }));
    const text = payload?.text ?? '';
    expect(small.decodeTask('lane', frame, text).messages).toHaveLength(1);
    expect(small.decodeTask('other', frame, text).refusals).toMatchObject([{ code: 'MESSAGE_SIGNATURE_INVALID' }]);
    expect(small.decodeTask('lane', frame, `${text} `).refusals).toMatchObject([{ code: 'MESSAGE_SIGNATURE_INVALID' }]);
    expect(small.decodeTask('lane', frame).refusals).toMatchObject([{ code: 'MESSAGE_PAYLOAD_MISSING' }]);
    expect(small.referenceOf('other', frame)).toBeUndefined();
    expect(small.referenceOf('lane', frame.replace(payload?.name ?? '', payload?.name.toUpperCase() ?? ''))).toBeUndefined();
    expect(small.referenceOf('lane', small.encodeTask('lane', taskMessage()).frame)).toBeUndefined();
  });

  test('that are signed but of another shape are refused', () => {
    const frame = seal(createSigner(testKeys), 'lane', '&what');
    expect(small.referenceOf('lane', frame)).toBeUndefined();
    expect(small.decodeTask('lane', frame, '{}').refusals).toMatchObject([{ code: 'MESSAGE_INVALID' }]);
  });
});
