import { NetworkError, serializeError } from '@mainstay/types';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fingerprintOf, framesOf, messagePattern, originOf } from './fingerprint.ts';
import { parseStack } from './stack.ts';

/** An error with this stack. */
function withStack(message: string, ...frames: string[]): Error {
  const error = new Error(message);
  error.stack = [`Error: ${message}`, ...frames.map((frame) => `    at ${frame}`)].join('\n');
  return error;
}

describe('fingerprintOf', () => {
  const one = withStack('run 17 failed', 'load (/srv/app/src/store.ts:10:5)', 'async main (/srv/app/src/main.ts:3:1)');

  test('is the same on another line, in another folder, with another id', () => {
    const two = withStack('run 18 failed', 'load (/opt/mainstay/src/store.ts:99:1)', 'async main (/opt/mainstay/src/main.ts:7:1)');
    const three = withStack('run 19 failed', 'load (file:///D:/app/src/store.ts:1:1)', 'async main (file:///D:/app/src/main.ts:1:1)');
    expect(fingerprintOf(two)).toBe(fingerprintOf(one));
    expect(fingerprintOf(three)).toBe(fingerprintOf(one));
    expect(fingerprintOf(one)).toMatch(/^[0-9a-f]{16}$/);
  });

  test('differs with the place, the code and the cause', () => {
    const elsewhere = withStack('run 17 failed', 'save (/srv/app/src/store.ts:10:5)');
    const coded = Object.assign(withStack('run 17 failed', 'load (/srv/app/src/store.ts:10:5)'), { code: 'ECONNRESET' });
    const caused = withStack('run 17 failed', 'load (/srv/app/src/store.ts:10:5)', 'async main (/srv/app/src/main.ts:3:1)');
    caused.cause = new NetworkError('x');
    expect(new Set([one, elsewhere, coded, caused].map(fingerprintOf)).size).toBe(4);
  });

  test('goes by the message where there is no stack', () => {
    expect(fingerprintOf('task 1 failed')).toBe(fingerprintOf('task 2 failed'));
    expect(fingerprintOf('task 1 failed')).not.toBe(fingerprintOf('step 1 failed'));
  });

  test('takes anything', () => {
    fc.assert(fc.property(fc.anything(), (thrown) => /^[0-9a-f]{16}$/.test(fingerprintOf(thrown))));
  });
});

describe('originOf', () => {
  test('is the same only where the fingerprint is', () => {
    const make = (message: string, cause?: unknown) => new Error(message, { cause });
    const errors = [make('a 1'), make('a 2'), make('b', 'text'), make('c', make('d')), 'text', new NetworkError('e')];
    const origins = errors.map((error) => originOf(serializeError(error, { stack: true })));
    for (const [i, a] of origins.entries())
      for (const [j, b] of origins.entries())
        if (a !== undefined && a === b) expect(fingerprintOf(errors[i])).toBe(fingerprintOf(errors[j]));
    expect(originOf(serializeError('text', { stack: true }))).toBeUndefined();
  });
});

describe('messagePattern', () => {
  test.each([
    ['run 0190a7c4-1111-7222-8333-444455556666 failed', 'run <id> failed'],
    ['connect ECONNREFUSED 10.0.0.7:5432', 'connect ECONNREFUSED <address>'],
    ["ENOENT: no such file or directory, open '/tmp/a b/c.txt'", 'ENOENT: no such file or directory, open <text>'],
    ['cannot read /srv/app/data/file.json', 'cannot read <path>'],
    ['took 1234.5 ms of 2000', 'took <n> ms of <n>'],
    ['GET https://api.example.com/v1/users/7?x=1 failed', 'GET <url> failed'],
    ['at 2026-01-02T03:04:05.678Z', 'at <time>'],
    ['commit 54e1a9d0deadbeef is gone', 'commit <id> is gone'],
  ])('of %s', (message, pattern) => {
    expect(messagePattern(message)).toBe(pattern);
  });

  test('is the same for any two numbers and ids', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), fc.nat(), fc.nat(), (a, b, m, n) => {
        expect(messagePattern(`run ${a} took ${m} ms`)).toBe(messagePattern(`run ${b} took ${n} ms`));
      }),
    );
  });

  test('is bounded, and fast on what is long', () => {
    expect(messagePattern('a'.repeat(1e6)).length).toBeLessThanOrEqual(500);
    expect(messagePattern('/a'.repeat(1e5))).toBe('<path>');
  });
});

describe('parseStack', () => {
  test('reads real stacks', () => {
    const [frame] = parseStack(new Error('x').stack);
    expect(frame).toMatchObject({ inApp: true, file: expect.stringContaining('fingerprint.test.ts') });
  });

  test('leaves out what is no frame, and knows Node and libraries', () => {
    const stack = 'Error\n at f (node:fs:1:2)\n    at g (/a/node_modules/b/c.js:3:4)\n nonsense\n    at /a/d.ts:5:6\n    at <anonymous>';
    expect(parseStack(stack)).toEqual([
      { name: 'f', file: 'node:fs', line: 1, column: 2, inApp: false },
      { name: 'g', file: '/a/node_modules/b/c.js', line: 3, column: 4, inApp: false },
      { name: '', file: '/a/d.ts', line: 5, column: 6, inApp: true },
    ]);
    expect(framesOf(stack)).toEqual(['@d.ts']);
    expect(framesOf(undefined)).toEqual([]);
  });
});
