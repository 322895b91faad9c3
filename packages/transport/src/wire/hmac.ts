import { createHash, createHmac, hash, timingSafeEqual } from 'node:crypto';

/** HMAC-SHA-256 under one key. */
export interface Hmac {
  /** Of two texts (UTF-8) one after the other, as base64url. */
  sign(head: string, text: string): string;
  /** True when `mac` is that of the texts; takes the same time wherever they differ. */
  verify(head: string, text: string, mac: string): boolean;
}

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
const MAC_CHARACTERS = 43;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;
/** UTF-8 takes at most so many bytes for each UTF-16 unit. */
const MAX_UTF8_BYTES = 3;
/** Longer texts go the usual way: for them the cost of setting up an Hmac object is small. */
const SHORT_CHARACTERS = 40_000;

/**
 * For short texts two one-shot hashes over prepared pads, as RFC 2104 defines it, `H(K ⊕ opad ‖ H(K ⊕ ipad ‖ text))`: half the
 * cost of an Hmac object. The buffers are reused, since nothing happens between filling and hashing them.
 */
export function createSha256Hmac(secret: Uint8Array): Hmac {
  const key = secret.byteLength > BLOCK_BYTES ? createHash('sha256').update(secret).digest() : Buffer.from(secret);
  const inner = Buffer.alloc(BLOCK_BYTES + SHORT_CHARACTERS * MAX_UTF8_BYTES, INNER_PAD);
  const outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES, OUTER_PAD);
  for (const [i, byte] of key.entries()) {
    inner[i] = byte ^ INNER_PAD;
    outer[i] = byte ^ OUTER_PAD;
  }
  // What follows the pad is the head that was signed last: most texts are of the same lane as those before them.
  let lastHead = '';
  let start = BLOCK_BYTES;
  const expected = Buffer.alloc(MAC_CHARACTERS);
  const given = Buffer.alloc(MAC_CHARACTERS);
  const sign = (head: string, text: string): string => {
    if (head.length + text.length > SHORT_CHARACTERS) {
      return createHmac('sha256', key).update(head, 'utf8').update(text, 'utf8').digest('base64url');
    }
    if (head !== lastHead) {
      start = BLOCK_BYTES + inner.write(head, BLOCK_BYTES, 'utf8');
      lastHead = head;
    }
    const end = start + inner.write(text, start, 'utf8');
    outer.write(hash('sha256', inner.subarray(0, end), 'binary'), BLOCK_BYTES, 'latin1');
    return hash('sha256', outer, 'base64url');
  };
  return {
    sign,
    verify: (head, text, mac) => {
      if (mac.length !== MAC_CHARACTERS || given.write(mac, 'utf8') !== MAC_CHARACTERS) return false;
      expected.write(sign(head, text), 'latin1');
      return timingSafeEqual(given, expected);
    },
  };
}
