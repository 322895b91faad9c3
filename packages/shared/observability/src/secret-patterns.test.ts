import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hideCredentials, hideSecrets, isCardNumber, REDACTED } from './secret-patterns.ts';

/** Put together here, so that no text of this repository looks like one. */
const join = (...parts: readonly string[]): string => parts.join('');
const many = (letter: string, count: number): string => letter.repeat(count);

const SECRETS: readonly (readonly [what: string, secret: string])[] = [
  ['a key of ours', join('mst', '_', many('a', 24))],
  ['a key of a model provider', join('sk', '-', 'proj-', many('b', 30))],
  ['a token of GitHub', join('gh', 'p_', many('C', 36))],
  ['a fine-grained token of GitHub', join('github', '_pat_', many('d', 40))],
  ['a token of GitLab', join('gl', 'pat-', many('e', 20))],
  ['a token of npm', join('np', 'm_', many('f', 36))],
  ['a token of Slack', join('xo', 'xb-', many('1', 24))],
  ['an access key of AWS', join('AK', 'IA', many('Z', 16))],
  ['a key of Google', join('AI', 'za', many('g', 35))],
  ['a JSON Web Token', join('ey', 'J', many('h', 20), '.ey', 'J', many('i', 40), '.', many('j', 43))],
  ['a private key', join('-----BEGIN ', 'RSA PRIVATE KEY-----\n', many('k', 64), '\n-----END ', 'RSA PRIVATE KEY-----')],
  ['an e-mail address', 'ann.smith+x@mail.example.org'],
  ['a card', '4111111111111111'],
  ['a card in groups', '5500 0055 5555 5559'],
  ['a card with dashes', '6011-0009-9013-9424'],
  ['a card of American Express', '3782 822463 10005'],
];

describe('hideSecrets', () => {
  test.each(SECRETS)('hides %s, wherever it stands', (_what, secret) => {
    for (const text of [secret, `it is ${secret} now`, `"${secret}"`, `key: ${secret}, more`]) {
      const shown = hideSecrets(text);
      expect(shown).toBe(text.replace(secret, REDACTED));
    }
  });

  test('hides the rest of a private key that is cut off', () => {
    const text = join('-----BEGIN ', 'PRIVATE KEY-----\n', many('l', 64));
    expect(hideSecrets(`key: ${text}`)).toBe(`key: ${REDACTED}`);
  });

  test.each(['Bearer', 'bearer', 'BEARER', 'bEaReR'])('hides the credentials of a line after %s', (scheme) => {
    expect(hideCredentials(`{"x":"${scheme} ${many('m', 30)}"}`)).toBe(`{"x":"${scheme} ${REDACTED}"}`);
  });

  test('a number that follows a card does not save it', () => {
    expect(hideSecrets('5500 0055 5555 5559 1 4111 1111 1111 1111 22')).toBe(`${REDACTED} 1 ${REDACTED} 22`);
  });

  test.each([
    ['postgres://me:hunter2@db:5432/x', `postgres://me:${REDACTED}@db:5432/x`],
    ['host=db user=me password=hunter2 dbname=x', `host=db user=me password=${REDACTED} dbname=x`],
    ['https://x.example/cb?code=1&access_token=hunter2&x=1', `https://x.example/cb?code=1&access_token=${REDACTED}&x=1`],
    ['Server=x;Pwd=hunter2;Database=y', `Server=x;Pwd=${REDACTED};Database=y`],
  ])('hides the password in %j', (text, shown) => {
    expect(hideSecrets(text)).toBe(shown);
  });

  test.each([
    ...[
      'the run 01890a5d-ac96-774b-bcce-b302099a8057 has ended',
      '0189'.repeat(8),
      '2026-11-23T05:24:57.123Z',
      '1763875497123',
      '1763875497123456789',
    ],
    ...[
      '@mainstay/types@0.1.0',
      'user@host',
      'git@localhost',
      'node_modules/.pnpm/pg@8.23.1/x.js',
      'a = b',
      'tokens=5',
      'took 0.4111111111111111 s',
    ],
    ...['4111111111111112', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', 'task-force', 'a basic fact', 'eyJust', 'risk-free'],
  ])('leaves %j alone', (text) => {
    expect(hideSecrets(text)).toBe(text);
  });

  test('finds nothing in ids, times and numbers as they stand in log lines', () => {
    fc.assert(
      fc.property(
        fc.uuid({ version: 7 }),
        fc.date({ noInvalidDate: true }),
        fc.integer({ min: 0, max: 2_000_000_000_000 }),
        (id, at, count) => {
          const text = `${id} ${at.toISOString()} ${count} ${count / 1_000}`;
          expect(hideSecrets(text)).toBe(text);
        },
      ),
    );
  });

  test('hides a secret in the middle of any text that does not lengthen it', () => {
    const around = fc.string({ maxLength: 60 });
    fc.assert(
      fc.property(around, around, fc.constantFrom(...SECRETS), (before, after, [, secret]) => {
        expect(hideSecrets(`${before} ${secret} ${after}`)).not.toContain(secret);
      }),
    );
  });

  test('leaves ids as they are, known by their form or looked through', () => {
    // mostly decimal digits, as cards have them
    const digit = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 0, max: 9 }) }, fc.integer({ min: 10, max: 15 }));
    fc.assert(
      fc.property(fc.array(digit, { minLength: 32, maxLength: 32 }), (digits) => {
        const hex = digits.map((value) => value.toString(16)).join('');
        const uuid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
        // with something around it it is not known as an id
        for (const id of [hex, uuid]) expect([hideSecrets(id), hideSecrets(`(${id})`)]).toEqual([id, `(${id})`]);
      }),
      { numRuns: 1_000 },
    );
  });

  test('is done after the first time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom(...SECRETS), (text, [, secret]) => {
        const once = hideSecrets(`${text} ${secret}`);
        expect(hideSecrets(once)).toBe(once);
      }),
    );
  });

  test.each(['a@', 'a.', 'password=', 'eyJa.', '-----BEGIN PRIVATE ', '4111 ', 'sk-', '2222-', 'x://', 'a+b.c-d@e.'])(
    'takes time in proportion to the length of a text made of %j',
    (piece) => {
      const text = piece.repeat(20_000);
      expect(hideSecrets(text).length).toBeGreaterThan(0);
    },
  );
});

describe('isCardNumber', () => {
  test('a digit that is changed is noticed', () => {
    const number = '4111111111111111';
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 15 }), fc.integer({ min: 1, max: 9 }), (at, by) => {
        const digit = String((Number(number[at]) + by) % 10);
        expect(isCardNumber(`${number.slice(0, at)}${digit}${number.slice(at + 1)}`)).toBe(false);
      }),
    );
    expect(isCardNumber(number)).toBe(true);
  });
});
