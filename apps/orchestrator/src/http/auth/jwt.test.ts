import { describe, expect, test } from '@jest/globals';
import { createHmac, generateKeyPairSync, randomBytes } from 'node:crypto';
import { createJwtVerifier, type JwtOptions } from './jwt.ts';

const NOW_S = 1_800_000_000;
const SECRET = 'a secret of at least thirty-two bytes';
const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const publicPem = String(rsa.publicKey.export({ type: 'spki', format: 'pem' }));

const options: JwtOptions = {
  issuer: 'https://login.example',
  audience: 'mainstay',
  keys: [
    { kid: 'h1', alg: 'HS256', key: SECRET },
    { kid: 'r1', alg: 'RS256', key: publicPem },
  ],
};
const verify = createJwtVerifier(options, () => NOW_S * 1_000);

const header = { alg: 'HS256', kid: 'h1', typ: 'JWT' };
const claims = { iss: options.issuer, aud: options.audience, exp: NOW_S + 600, sub: 'ann', tenant: 'acme', scopes: ['runs:read'] };

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Any header over any claims, signed with an HMAC: what an attacker can make. */
function token(head: object = header, body: object = claims, secret: string = SECRET, hash = 'sha256'): string {
  const signed = `${part(head)}.${part(body)}`;
  return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`;
}

describe('createJwtVerifier', () => {
  test('says who a valid token is', () => {
    expect(verify(token())).toEqual({ tenant: 'acme', name: 'jwt:ann', scopes: new Set(['runs:read']), expiresAt: (NOW_S + 600) * 1_000 });
  });

  const { exp: _exp, ...withoutExp } = claims;
  const { tenant: _tenant, ...withoutTenant } = claims;
  const { kid: _kid, ...withoutKid } = header;

  test.each([
    ['without exp', token(header, withoutExp)],
    ['that has expired', token(header, { ...claims, exp: NOW_S - 60 })],
    ['of another issuer', token(header, { ...claims, iss: 'https://evil.example' })],
    ['for another audience', token(header, { ...claims, aud: 'other' })],
    ['that is not valid yet', token(header, { ...claims, nbf: NOW_S + 600 })],
    ['without a tenant', token(header, withoutTenant)],
    ['with an unknown scope', token(header, { ...claims, scopes: ['root'] })],
    ['without kid', token(withoutKid)],
    ['with an unknown kid', token({ ...header, kid: 'h2' })],
    ['with a critical extension', token({ ...header, crit: ['b64'], b64: false })],
    ['signed with another secret', token(header, claims, 'another secret of thirty-two bytes!!')],
    ['with another algorithm of the same family', token({ ...header, alg: 'HS512' }, claims, SECRET, 'sha512')],
    ['signed with the public key as a secret', token({ ...header, kid: 'r1' }, claims, publicPem)],
    ['without a signature', `${part({ ...header, alg: 'none' })}.${part(claims)}.`],
    ['that is changed', token().replace(part(claims), part({ ...claims, tenant: 'other' }))],
    ['that is garbage', 'a.b.c'],
    ['that is huge', `${'a'.repeat(9_000)}.b.c`],
  ])('refuses a token %s', (_name, text) => {
    expect(() => verify(text)).toThrow(expect.objectContaining({ code: 'UNAUTHENTICATED' }));
  });

  test.each([
    ['a short secret', [{ kid: 'a', alg: 'HS256' as const, key: 'short' }]],
    ['the same kid twice', [options.keys[0], options.keys[0]].filter((key) => key !== undefined)],
    ['a key that is none', [{ kid: 'a', alg: 'RS256' as const, key: randomBytes(64).toString('hex') }]],
    ['a key of another family', [{ kid: 'a', alg: 'ES256' as const, key: publicPem }]],
  ])('does not begin with %s', (_name, keys) => {
    expect(() => createJwtVerifier({ ...options, keys }, Date.now)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });
});
