import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { ConfigurationError } from '@mainstay/types';

/** A key that signs messages. `id` names it in every frame, so that keys can be replaced one process at a time. */
export interface SigningKey {
  /** 1 to 32 characters of A-Z a-z 0-9 _ -. */
  readonly id: string;
  /** At least 32 bytes. */
  readonly secret: Uint8Array;
}

/** Signs texts for a lane, and checks what others signed. */
export interface Signer {
  /** `<key id>.<mac>` of a text for a lane, by the first key. */
  sign(lane: string, text: string): string;
  /** True when the key of that id is known and the mac (base64url) is its over this lane and text. */
  verify(lane: string, text: string, keyId: string, mac: string): boolean;
}

const KEY_ID = /^[A-Za-z0-9_-]{1,32}$/;
/** Shorter secrets are refused. */
export const MIN_SECRET_BYTES = 32;

/** The first key signs, all of them verify: put a new key last everywhere, then first, then take the old one away. */
export function createSigner(keys: readonly SigningKey[]): Signer {
  const [first] = keys;
  if (first === undefined) throw invalid('there is no signing key: give at least one');
  const secrets = new Map<string, KeyObject>();
  for (const key of keys) {
    if (!KEY_ID.test(key.id)) throw invalid(`the key id ${JSON.stringify(key.id)} is not 1 to 32 characters of A-Z a-z 0-9 _ -`);
    if (secrets.has(key.id)) throw invalid(`the key id ${key.id} occurs twice`);
    if (key.secret.byteLength < MIN_SECRET_BYTES) {
      throw invalid(
        `the secret of key ${key.id} has ${String(key.secret.byteLength)} bytes; at least ${String(MIN_SECRET_BYTES)} are needed`,
      );
    }
    secrets.set(key.id, createSecretKey(key.secret));
  }
  const own = createSecretKey(first.secret);
  return {
    sign: (lane, text) => `${first.id}.${macOf(own, lane, text)}`,
    verify: (lane, text, keyId, mac) => {
      const secret = secrets.get(keyId);
      if (secret === undefined) return false;
      const given = Buffer.from(mac, 'latin1');
      const expected = Buffer.from(macOf(secret, lane, text), 'latin1');
      return given.byteLength === expected.byteLength && timingSafeEqual(given, expected);
    },
  };
}

/**
 * The lane's length comes first, so that no two pairs of lane and text give the same bytes. As text, because a digest as a
 * buffer costs almost as much again as the computation.
 */
function macOf(secret: KeyObject, lane: string, text: string): string {
  return createHmac('sha256', secret)
    .update(`${String(lane.length)}:${lane}${text}`, 'utf8')
    .digest('base64url');
}

function invalid(problem: string): ConfigurationError {
  return new ConfigurationError('CONFIG_INVALID', `Signing keys: ${problem}`);
}
