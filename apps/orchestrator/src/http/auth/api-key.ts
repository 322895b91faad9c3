import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 random bits after a prefix by which leaked keys can be found. */
const KEY_BYTES = 32;
/** Characters of a key that are kept to recognise it by. */
const PREFIX_LENGTH = 10;
const API_KEY = /^mst_[A-Za-z0-9_-]{22,128}$/;

/** A new API key. */
export function newApiKey(random: (bytes: number) => Buffer = randomBytes): string {
  return `mst_${random(KEY_BYTES).toString('base64url')}`;
}

/** True for what could be an API key by its form. */
export function looksLikeApiKey(text: string): boolean {
  return API_KEY.test(text);
}

/** SHA-256, hex: all that is kept of a key. Keys are random and long, so a slow hash would add nothing. */
export function hashApiKey(key: string): string {
  return hash('sha256', key);
}

export function prefixOf(key: string): string {
  return key.slice(0, PREFIX_LENGTH);
}

/** Compares two hashes of the same length in a time that tells nothing of where they differ. */
export function sameHash(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
