import { describe, expect, test } from '@jest/globals';
import { signingKeys } from './signing-keys.ts';

const encoded = (fill: number, length = 32) => Buffer.alloc(length, fill).toString('base64');
const problem = (given: string) =>
  signingKeys()
    .safeParse(given)
    .error?.issues.map(({ message }) => message);

describe('signingKeys', () => {
  test('reads keys in their order', () => {
    const keys = signingKeys().parse(`new:${encoded(1)}, old-1:${encoded(2, 64)}`);
    expect(keys.map(({ id }) => id)).toEqual(['new', 'old-1']);
    expect(keys.map(({ key }) => key.reveal().length)).toEqual([32, 64]);
    expect(keys[0]?.key.reveal().equals(Buffer.alloc(32, 1))).toBe(true);
  });

  test('reads the URL-safe alphabet as well', () => {
    const key = Buffer.alloc(32, 0xff);
    expect(
      signingKeys()
        .parse(`k:${key.toString('base64url')}`)[0]
        ?.key.reveal()
        .equals(key),
    ).toBe(true);
  });

  test.each([
    [encoded(1), 'key 1 must read keyId:base64secret'],
    [`:${encoded(1)}`, 'key 1 must read keyId:base64secret'],
    [`a b:${encoded(1)}`, 'key 1 must read keyId:base64secret'],
    [`a:${encoded(1)},`, 'key 2 must read keyId:base64secret'],
    ['a:not*base64', 'key 1 has a secret that is not base64'],
    [`a:${encoded(1, 31)}`, 'key 1 has a secret of less than 32 bytes'],
    [`a:${encoded(1)},a:${encoded(2)}`, 'key 2 has the id of another key'],
  ])('refuses %j without repeating it', (given, expected) => {
    const problems = problem(given);
    expect(problems).toEqual([expect.stringContaining(expected)]);
    expect(problems?.join()).not.toContain(given);
  });
});
