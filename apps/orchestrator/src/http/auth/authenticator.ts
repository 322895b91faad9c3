import { AuthError } from '@mainstay/types';
import type { Clock } from '@mainstay/utils';
import type { ApiKeyRow, Store } from '../../store/store.ts';
import { isScope, OPERATOR_TENANT } from '../scopes.ts';
import { hashApiKey, looksLikeApiKey, sameHash } from './api-key.ts';
import { createJwtVerifier, type JwtOptions } from './jwt.ts';
import { createKeyCache } from './key-cache.ts';
import { KnownCallers } from './known-callers.ts';
import type { Principal } from './principal.ts';

export interface AuthOptions {
  /** Admin of the operator's tenant; at least 32 characters. */
  readonly bootstrapKey: string;
  /** Absent: no tokens are accepted. */
  readonly jwt?: JwtOptions;
}

/** Says who asks, by what they sent. */
export interface Authenticator {
  /**
   * Rejects with UNAUTHENTICATED. `basic` also takes the key as the password of HTTP Basic, which browsers can send; `patienceMs`: a key
   * that was good lately is good where the store does not answer in this time.
   */
  authenticate(authorization: string | undefined, options?: { readonly basic?: boolean; readonly patienceMs?: number }): Promise<Principal>;
  /** Who asked with these credentials within the last minute and was let in: a hint that costs little, and no leave to do anything. */
  known(authorization: string | undefined): Principal | undefined;
  /** Makes a revocation visible at once in this process. */
  forget(): void;
}

const BEARER = /^Bearer +([\x21-\x7e]{1,8192}) *$/i;
const BASIC = /^Basic +([A-Za-z0-9+/]{1,8192}=*) *$/i;
const JWT = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/** `onFind` is told of every key that is looked for: whether the cache had it. */
export function createAuthenticator(store: Store, clock: Clock, options: AuthOptions, onFind?: (spared: boolean) => void): Authenticator {
  const lookUp = (hash: string) => store.apiKeyByHash(hash);
  const cache = createKeyCache({ lookUp, clock, ...(onFind === undefined ? {} : { onFind }) });
  const verifyJwt = options.jwt === undefined ? undefined : createJwtVerifier(options.jwt, () => store.now());

  const bootstrapHash = hashApiKey(options.bootstrapKey);
  const bootstrap: Principal = { tenant: OPERATOR_TENANT, name: 'admin', scopes: new Set(['admin']) };

  const callers = new KnownCallers(clock);

  const byCredential = async (credential: string, hash: string, patienceMs: number | undefined): Promise<Principal> => {
    if (sameHash(hash, bootstrapHash)) return bootstrap;
    if (looksLikeApiKey(credential)) return principalOf(await cache.find(hash, patienceMs), store.now());
    if (verifyJwt !== undefined && JWT.test(credential)) return verifyJwt(credential);
    throw new AuthError('UNAUTHENTICATED', 'The credentials are not valid');
  };

  return {
    async authenticate(authorization, { basic = false, patienceMs } = {}) {
      if (authorization === undefined) throw new AuthError('UNAUTHENTICATED', 'The request has no Authorization header');
      const credential = BEARER.exec(authorization)?.[1] ?? (basic ? basicPassword(authorization) : undefined);
      if (credential === undefined) throw new AuthError('UNAUTHENTICATED', 'The Authorization header is not of the form Bearer <key>');
      const hash = hashApiKey(credential);
      const principal = await byCredential(credential, hash, patienceMs);
      callers.remember(hash, principal);
      return principal;
    },
    known(authorization = '') {
      const credential = BEARER.exec(authorization)?.[1];
      return credential === undefined ? undefined : callers.find(hashApiKey(credential));
    },
    forget() {
      cache.clear();
      callers.clear();
    },
  };
}

/** The same answer for unknown, revoked and expired keys: a guess learns nothing. */
function principalOf(row: ApiKeyRow | undefined, now: number): Principal {
  if (row === undefined || row.revokedAt !== undefined || (row.expiresAt !== undefined && row.expiresAt <= now)) {
    throw new AuthError('UNAUTHENTICATED', 'The API key is unknown, expired or revoked');
  }
  let principal = principals.get(row);
  if (principal === undefined) {
    principal = { tenant: row.tenant, name: `key:${row.id}`, scopes: new Set(row.scopes.filter(isScope)) };
    principals.set(row, principal);
  }
  return principal;
}

/** Made once for each row that the cache holds. */
const principals = new WeakMap<ApiKeyRow, Principal>();

function basicPassword(authorization: string): string | undefined {
  const encoded = BASIC.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon < 0 ? undefined : pair.slice(colon + 1);
}
