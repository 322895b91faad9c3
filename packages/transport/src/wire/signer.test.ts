import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { createSigner } from './signer.ts';

const secret = new Uint8Array(32).fill(3);
const [one, two] = [
  { id: 'one', secret },
  { id: 'two', secret: new Uint8Array(40).fill(4) },
];
const split = (signature: string): readonly [string, string] => {
  const [id = '', mac = ''] = signature.split('.');
  return [id, mac];
};

describe('a signer', () => {
  test('signs with its first key: HMAC-SHA-256 over the length of the lane, the lane and the text', () => {
    const expected = createHmac('sha256', secret).update('6:lane ätext ü').digest('base64url');
    expect(createSigner([one, two]).sign('lane ä', 'text ü')).toBe(`one.${expected}`);
  });

  test('verifies what any of its keys signed, and nothing else', () => {
    const both = createSigner([one, two]);
    expect(both.verify('lane', 'text', ...split(createSigner([two]).sign('lane', 'text')))).toBe(true);
    const [id, mac] = split(both.sign('lane', 'text'));
    expect(both.verify('lane', 'text', id, mac)).toBe(true);
    expect(both.verify('lane', 'texT', id, mac)).toBe(false);
    expect(both.verify('lan', 'etext', id, mac)).toBe(false);
    expect(both.verify('lane', 'text', 'two', mac)).toBe(false);
    expect(both.verify('lane', 'text', 'three', mac)).toBe(false);
    expect(both.verify('lane', 'text', id, mac.slice(0, -4))).toBe(false);
    expect(both.verify('lane', 'text', id, '')).toBe(false);
  });

  test.each([
    ['no key', [], 'at least one'],
    ['a short secret', [{ id: 'a', secret: new Uint8Array(31) }], '31 bytes'],
    ['a key id that would break the frame', [{ id: 'a.b', secret }], '"a.b"'],
    ['one id twice', [one, { ...two, id: 'one' }], 'twice'],
  ])('is not made of %s', (_what, keys, problem) => {
    expect(() => createSigner(keys)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(problem) }),
    );
  });
});
