import { ConfigurationError } from '@mainstay/types';
import { createSha256Hmac, type Hmac } from './hmac.ts';

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
  const hmacs = new Map<string, Hmac>();
  for (const key of keys) {
    if (!KEY_ID.test(key.id)) throw invalid(`the key id ${JSON.stringify(key.id)} is not 1 to 32 characters of A-Z a-z 0-9 _ -`);
    if (hmacs.has(key.id)) throw invalid(`the key id ${key.id} occurs twice`);
    if (key.secret.byteLength < MIN_SECRET_BYTES) {
      throw invalid(
        `the secret of key ${key.id} has ${String(key.secret.byteLength)} bytes; at least ${String(MIN_SECRET_BYTES)} are needed`,
      );
    }
    hmacs.set(key.id, createSha256Hmac(key.secret));
  }
  const own = createSha256Hmac(first.secret);
  const headOf = createHeads();
  return {
    sign: (lane, text) => `${first.id}.${own.sign(headOf(lane), text)}`,
    verify: (lane, text, keyId, mac) => hmacs.get(keyId)?.verify(headOf(lane), text, mac) === true,
  };
}

/** What is signed before the text. The lane's length comes first, so that no two pairs of lane and text give the same bytes. */
function createHeads(): (lane: string) => string {
  let lastLane = '';
  let lastHead = '0:';
  return (lane) => {
    if (lane !== lastLane) {
      lastHead = `${String(lane.length)}:${lane}`;
      lastLane = lane;
    }
    return lastHead;
  };
}

function invalid(problem: string): ConfigurationError {
  return new ConfigurationError('CONFIG_INVALID', `Signing keys: ${problem}`);
}
