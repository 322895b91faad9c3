import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import jsonwebtoken from 'jsonwebtoken';
import { z } from 'zod';
import { AuthError, ConfigurationError } from '@mainstay/types';
import { SCOPES } from '../scopes.ts';
import type { Principal } from './principal.ts';

export const JWT_ALGORITHMS = ['HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384'] as const;
export type JwtAlgorithm = (typeof JWT_ALGORITHMS)[number];

export interface JwtKey {
  readonly kid: string;
  /** The only algorithm that this key is used with. */
  readonly alg: JwtAlgorithm;
  /** HS*: the secret, at least 32 bytes; else the public key in PEM. */
  readonly key: string;
}

export interface JwtOptions {
  readonly issuer: string;
  readonly audience: string;
  readonly keys: readonly JwtKey[];
}

/** Longer tokens are refused unread. */
const MAX_TOKEN_LENGTH = 8_192;
/** Clocks may differ by so many seconds. */
const TOLERANCE_S = 30;
const MIN_SECRET_BYTES = 32;

const headerSchema = z.object({ alg: z.string(), kid: z.string(), crit: z.undefined().optional() });
const claimsSchema = z.object({
  exp: z.number(),
  sub: z.string().min(1).max(200),
  tenant: z.string().min(1).max(200),
  scopes: z.array(z.enum(SCOPES)).max(SCOPES.length),
});

/** Verifies a token as RFC 8725 asks and says who it is; rejects with UNAUTHENTICATED. Throws CONFIG_INVALID at once for unsafe keys. */
export function createJwtVerifier(options: JwtOptions, nowMs: () => number): (token: string) => Principal & { readonly expiresAt: number } {
  const keys = loadKeys(options.keys);
  return (token) => {
    const key = keys.get(readHeader(token).kid);
    if (key === undefined) throw refused('it was signed with an unknown key');
    const claims = claimsSchema.safeParse(verify(token, key, options, nowMs));
    if (!claims.success) throw refused('a claim is missing or invalid: exp, sub, tenant and scopes are needed');
    const { exp, sub, tenant, scopes } = claims.data;
    return { tenant, name: `jwt:${sub}`, scopes: new Set(scopes), expiresAt: exp * 1_000 };
  };
}

interface LoadedKey {
  readonly alg: JwtAlgorithm;
  readonly key: KeyObject;
}

function loadKeys(keys: readonly JwtKey[]): ReadonlyMap<string, LoadedKey> {
  const loaded = new Map<string, LoadedKey>();
  for (const { kid, alg, key } of keys) {
    if (loaded.has(kid)) throw new ConfigurationError('CONFIG_INVALID', `Two JWT keys have the kid ${kid}; give each its own`);
    loaded.set(kid, { alg, key: loadKey(kid, alg, key) });
  }
  return loaded;
}

function loadKey(kid: string, alg: JwtAlgorithm, key: string): KeyObject {
  if (alg.startsWith('HS')) {
    const secret = Buffer.from(key);
    if (secret.byteLength >= MIN_SECRET_BYTES) return createSecretKey(secret);
    throw new ConfigurationError('CONFIG_INVALID', `The secret of JWT key ${kid} has fewer than ${MIN_SECRET_BYTES} bytes`);
  }
  try {
    const publicKey = createPublicKey(key);
    const wanted = alg.startsWith('ES') ? 'ec' : 'rsa';
    const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? Infinity;
    if (publicKey.asymmetricKeyType === wanted && bits >= 2_048) return publicKey;
  } catch (error) {
    throw new ConfigurationError('CONFIG_INVALID', `JWT key ${kid} is not a public key in PEM`, { cause: error });
  }
  throw new ConfigurationError('CONFIG_INVALID', `JWT key ${kid} does not fit ${alg}, or has fewer than 2,048 bits`);
}

function readHeader(token: string): { readonly kid: string } {
  if (token.length > MAX_TOKEN_LENGTH) throw refused(`it is longer than ${MAX_TOKEN_LENGTH} characters`);
  const [encoded = ''] = token.split('.', 1);
  let header: unknown;
  try {
    header = JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'));
  } catch {
    throw refused('it cannot be read');
  }
  const parsed = headerSchema.safeParse(header);
  if (!parsed.success) throw refused('its header lacks alg or kid, or has crit');
  return parsed.data;
}

function verify(token: string, { alg, key }: LoadedKey, { issuer, audience }: JwtOptions, nowMs: () => number): unknown {
  try {
    return jsonwebtoken.verify(token, key, {
      algorithms: [alg],
      issuer,
      audience,
      clockTolerance: TOLERANCE_S,
      clockTimestamp: Math.floor(nowMs() / 1_000),
    });
  } catch (error) {
    throw refused(error instanceof jsonwebtoken.TokenExpiredError ? 'it has expired' : 'signature, issuer or audience are wrong', error);
  }
}

function refused(why: string, cause?: unknown): AuthError {
  return new AuthError('UNAUTHENTICATED', `The token is refused: ${why}`, { cause });
}
