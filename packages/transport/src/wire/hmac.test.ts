import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createSha256Hmac } from './hmac.ts';

const secrets = fc.uint8Array({ minLength: 1, maxLength: 200 });
const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'binary-ascii' }),
  // lone surrogates, and texts around the length at which the way of computing changes
  fc.array(fc.constantFrom('\ud83d', '\ude00', 'ü', '\u2028', 'x')).map((parts) => parts.join('')),
  fc
    .tuple(fc.constantFrom('x', 'ü', '\u2028', '\u{1f600}'), fc.integer({ min: 39_990, max: 40_010 }))
    .map(([text, times]) => text.repeat(times)),
);
const usual = (secret: Uint8Array, text: string): string => createHmac('sha256', secret).update(text, 'utf8').digest('base64url');

describe('the HMAC', () => {
  test('is that of the platform, for any key and text', () => {
    fc.assert(
      fc.property(secrets, texts, texts, (secret, head, text) => {
        const hmac = createSha256Hmac(secret);
        for (let round = 0; round < 2; round++) {
          const whole = createHmac('sha256', secret).update(head, 'utf8').update(text, 'utf8').digest('base64url');
          expect(hmac.sign(head, text)).toBe(whole);
          expect(hmac.verify(head, text, whole)).toBe(true);
          expect(hmac.sign('', text)).toBe(usual(secret, text));
        }
      }),
    );
  });

  test('is verified in full: no other text of any length passes for it', () => {
    const hmac = createSha256Hmac(new Uint8Array(32).fill(5));
    const mac = hmac.sign('head', 'text');
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ minLength: 43, maxLength: 43 })), (other) => {
        expect(hmac.verify('head', 'text', other)).toBe(other === mac);
      }),
    );
    // the same low bytes
    expect(hmac.verify('head', 'text', String.fromCharCode(mac.charCodeAt(0) + 0x100) + mac.slice(1))).toBe(false);
    for (let i = 0; i < mac.length; i++) expect(hmac.verify('head', 'text', `${mac.slice(0, i)}!${mac.slice(i + 1)}`)).toBe(false);
  });
});
