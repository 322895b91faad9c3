import { format, inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { Secret } from './secret.ts';

describe('Secret', () => {
  const secret = new Secret('hunter2');

  test('reveals its value only on demand', () => {
    expect(secret.reveal()).toBe('hunter2');
  });

  test.each([
    ['toString', secret.toString()],
    ['String', String(secret)],
    ['JSON', JSON.stringify({ secret })],
    ['util.inspect', inspect({ secret }, { depth: 5, showHidden: true })],
    ['util.format', format('%s %o %j', secret, secret, secret)],
    ['its own keys', Object.keys(secret).join()],
    ['a copy', JSON.stringify(Object.assign({}, secret))],
  ])('is not printed by %s', (_how, text) => {
    expect(text).not.toContain('hunter2');
  });

  test('says what it is', () => {
    expect(JSON.stringify([secret])).toBe('["[secret]"]');
    expect(inspect(secret)).toBe('[secret]');
  });
});
