import { field } from './fields.ts';
import { Secret } from './secret.ts';

/** A key that signs or verifies messages between the processes. */
export interface SigningKey {
  readonly id: string;
  /** At least 32 bytes. */
  readonly key: Secret<Buffer>;
}

/** Shorter keys are refused: 32 bytes are the block that HMAC-SHA-256 is as strong as. */
export const MIN_KEY_BYTES = 32;

const ID = /^[A-Za-z0-9_-]{1,32}$/;
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

/**
 * `keyId:base64secret[,keyId2:base64secret2]`. The first key signs, all verify: rotate by putting a new key first
 * everywhere, and take the old one out when no old message is left.
 */
export function signingKeys() {
  return field((text) => {
    const keys: SigningKey[] = [];
    for (const [index, entry] of text.split(',').entries()) {
      const parsed = parseKey(entry.trim());
      if (typeof parsed === 'string') return { problem: `key ${index + 1} ${parsed}` };
      if (keys.some(({ id }) => id === parsed.id)) return { problem: `key ${index + 1} has the id of another key` };
      keys.push(parsed);
    }
    return { value: Object.freeze(keys) };
  }).meta({ secret: true });
}

function parseKey(entry: string): SigningKey | string {
  const colon = entry.indexOf(':');
  const id = entry.slice(0, Math.max(0, colon));
  const encoded = entry.slice(colon + 1);
  if (!ID.test(id)) return 'must read keyId:base64secret, with an id of 1 to 32 letters, digits, dashes and underscores';
  if (!BASE64.test(encoded)) return 'has a secret that is not base64';
  const key = Buffer.from(encoded, 'base64');
  return key.length < MIN_KEY_BYTES ? `has a secret of less than ${MIN_KEY_BYTES} bytes` : Object.freeze({ id, key: new Secret(key) });
}
