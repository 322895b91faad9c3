import { AgentError } from '@mainstay/types';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createRedactor, declareSecrets, REDACTED, redact, redactText } from './redact.ts';
import { isRedactedKey } from './redacted-keys.ts';

describe('isRedactedKey', () => {
  test.each([
    'authorization',
    'Authorization',
    'apiKey',
    'api_key',
    'x-api-key',
    'API-KEY',
    'set-cookie',
    'DATABASE_URL',
    'redisUrl',
    'privateKey',
    'MAINSTAY_SIGNING_KEYS',
  ])('knows %j', (key) => {
    expect(isRedactedKey(key)).toBe(true);
  });

  test.each(['key', 'tokens', 'tokenCount', 'keyId', 'user', 'idempotencyKey', 'secretary', ''])('leaves %j alone', (key) => {
    expect(isRedactedKey(key)).toBe(false);
  });
});

describe('redactText', () => {
  test.each([
    ['postgres://me:hunter2@db:5432/x', `postgres://me:${REDACTED}@db:5432/x`],
    ['redis://:hunter2@host', `redis://:${REDACTED}@host`],
    ['two: amqp://a:hunter2@h and rediss://b:hunter2@i/2', `two: amqp://a:${REDACTED}@h and rediss://b:${REDACTED}@i/2`],
    ['Authorization: Bearer hunter2hunter2hunter2', `Authorization: Bearer ${REDACTED}`],
    ['sent "authorization":"Basic aHVudGVyMg=="', `sent "authorization":"Basic ${REDACTED}"`],
  ])('cleans %j', (text, clean) => {
    expect(redactText(text)).toBe(clean);
  });

  test.each([
    'http://host:3000/path',
    'see https://example.org/a@b',
    'basic facts',
    'the bearer of news',
    'user@host',
    'redis://host:6379/0',
  ])('leaves %j alone', (text) => {
    expect(redactText(text)).toBe(text);
  });

  test('takes time in proportion to the length, on text made to be slow', () => {
    const text = `${'a://'.repeat(50_000)}${'bearer '.repeat(50_000)}${'x:'.repeat(50_000)}`;
    expect(redactText(text)).toHaveLength(text.length);
  });
});

describe('redact', () => {
  test('lets no secret through, wherever and under whatever name of the list it stands', () => {
    const keys = fc.constantFrom('password', 'Authorization', 'api_key', 'x-api-key', 'TOKEN', 'clientSecret', 'databaseUrl', 'cookie');
    const nest = (value: unknown, path: readonly (string | number)[]) =>
      path.reduceRight<unknown>((inner, step) => (typeof step === 'number' ? [inner] : { [`k${step}`]: inner, other: 1 }), value);
    fc.assert(
      fc.property(
        keys,
        fc.array(fc.oneof(fc.string(), fc.nat()), { maxLength: 12 }),
        fc.constantFrom<unknown>('hunter2', ['hunter2'], { a: 'hunter2' }),
        (key, path, secret) => {
          const fields = nest({ [key]: secret }, path);
          const before = JSON.stringify(fields);
          expect(JSON.stringify(redact(fields))).not.toContain('hunter2');
          expect(JSON.stringify(fields)).toBe(before);
        },
      ),
    );
  });

  test('never throws and always gives something that is JSON', () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true, withNullPrototype: true }),
        (value) => {
          expect(() => JSON.stringify(redact(value))).not.toThrow();
        },
      ),
    );
  });

  test('makes data of errors, with code, details and causes, and cleans them too', () => {
    const cause = Object.assign(new Error('connect redis://:hunter2@host'), { code: 'ECONNREFUSED' });
    const error = new AgentError('AGENT_FAILED', 'lint failed', { cause, details: { password: 'hunter2', stage: 'lint' } });
    const shown = redact({ reason: error });
    expect(shown).toMatchObject({
      reason: {
        type: 'AgentError',
        code: 'AGENT_FAILED',
        message: 'lint failed',
        disposition: 'retryable',
        details: { password: REDACTED, stage: 'lint' },
        stack: expect.stringContaining('lint failed'),
        cause: { type: 'Error', code: 'ECONNREFUSED', message: `connect redis://:${REDACTED}@host` },
      },
    });
    expect(JSON.stringify(shown)).not.toContain('hunter2');
  });

  test('shows what JSON cannot', () => {
    const at = new Date(0);
    const value = {
      at,
      big: 7n,
      bytes: new Uint8Array(3),
      fn: () => 1,
      symbol: Symbol('x'),
      set: new Set([1]),
      map: new Map([['token', 'hunter2']]),
      none: undefined,
    };
    expect(redact(value)).toEqual({
      ...{ at: '1970-01-01T00:00:00.000Z', big: '7', bytes: '[3 bytes]', fn: '[function]', symbol: '[symbol]', set: [1] },
      map: { token: REDACTED },
    });
  });

  test('shows a value twice but a cycle once', () => {
    const shared = { a: 1 };
    const loop: Record<string, unknown> = { one: shared, two: shared };
    loop['self'] = loop;
    expect(redact(loop)).toEqual({ one: { a: 1 }, two: { a: 1 }, self: '[circular]' });
  });

  test('survives values that cannot be read', () => {
    const broken = {
      get boom(): string {
        throw new Error('no');
      },
    };
    const worse = {
      get boom(): string {
        // eslint-disable-next-line @typescript-eslint/only-throw-error
        throw 'text';
      },
    };
    expect(redact([broken, worse])).toEqual(['[unreadable: no]', '[unreadable: string]']);
  });

  test('bounds depth, length and number', () => {
    let deep: unknown = 'bottom';
    for (let i = 0; i < 1_000; i++) deep = [deep];
    expect(JSON.stringify(redact(deep))).toContain('[too deep]');
    expect(redact(Array.from({ length: 1_000 }, () => 0))).toHaveLength(201);
    expect(Object.keys(redact(Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`k${i}`, i]))) ?? {})).toHaveLength(201);
    expect(redact('x'.repeat(100_000))).toHaveLength(16_384);
  });
});

describe('createRedactor', () => {
  test('hides declared paths, through lists and with any name for *', () => {
    const { value } = createRedactor({ paths: ['input.customer.name', 'rows.*.note', 'top'] });
    const fields = {
      input: { customer: { name: 'Ann', city: 'x' }, name: 'kept' },
      rows: [{ a: { note: 'hidden' } }, { b: { note: 'hidden', other: 1 } }],
      top: { anything: [1] },
      name: 'kept',
    };
    expect(value(fields)).toEqual({
      input: { customer: { name: REDACTED, city: 'x' }, name: 'kept' },
      rows: [{ a: { note: REDACTED } }, { b: { note: REDACTED, other: 1 } }],
      top: REDACTED,
      name: 'kept',
    });
  });

  test('hides patterns of its own, everywhere in a text', () => {
    const { value, text } = createRedactor({ patterns: [/\bEMP-\d{6}\b/, /case [a-z]+/i] });
    expect(text('EMP-123456 and EMP-654321')).toBe(`${REDACTED} and ${REDACTED}`);
    expect(value({ deep: ['Case alpha of EMP-123456'] })).toEqual({ deep: [`${REDACTED} of ${REDACTED}`] });
    expect(text('postgres://me:hunter2@h')).toBe(`postgres://me:${REDACTED}@h`);
  });

  test('refuses patterns and paths that would hide everything or nothing', () => {
    expect(() => createRedactor({ patterns: [/x*/] })).toThrow('matches the empty text');
    expect(() => createRedactor({ paths: ['a..b'] })).toThrow('empty step');
  });

  test('hides a card that is a number', () => {
    expect(redact({ card: 4111111111111111, at: 1763875497123, count: 4111111111111112 })).toEqual({
      ...{ card: REDACTED, at: 1763875497123, count: 4111111111111112 },
    });
  });
});

describe('fields of a line', () => {
  test('are given back as they are where nothing is to be hidden', () => {
    const line = { run: '019896b7-256e-462c-b8fb-b83e5a72a771', count: 3, done: true, code: undefined, of: null };
    expect(createRedactor().fields(line)).toBe(line);
  });

  test.each<[string, object]>([
    ['a secret by its name', { password: 'x' }],
    ['a secret by its form', { url: 'postgres://me:hunter2@h' }],
    ['a card that is a number', { card: 4111111111111111 }],
    ['something below', { in: { password: 'x' } }],
    ['a text that is too long', { text: 'x'.repeat(20_000) }],
    ['too many', Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`f${n}`, n]))],
    ['a function', { f: () => 1 }],
    [
      'what cannot be read',
      Object.defineProperty({}, 'bad', {
        enumerable: true,
        get: () => {
          throw new Error('no');
        },
      }),
    ],
    ['a class of its own', new URL('http://me:hunter2@h/')],
  ])('with %s are a clean copy', (_what, fields) => {
    const { fields: clean, value } = createRedactor();
    expect(clean(fields)).toEqual(value(fields));
    expect(clean(fields)).not.toBe(fields);
  });

  test('are copied where paths are declared', () => {
    expect(createRedactor({ paths: ['customer'] }).fields({ customer: 'ann' })).toEqual({ customer: REDACTED });
  });
});

test('the value of one field is what becomes of it at the top of an object', () => {
  const { field, value } = createRedactor({ paths: ['customer', 'order.customer'], patterns: [/\bEMP-\d{6}\b/] });
  for (const [name, one] of [
    ['customer', 'ann'],
    ['order', { customer: 'ann', id: 1 }],
    ['password', 'x'],
    ['who', 'EMP-123456'],
    ['at', 4_111_111_111_111_111],
    ['kinds', ['a', 'me@example.org']],
    ['run', 'r1'],
  ] as const)
    expect({ [name]: field(name, one) }).toEqual(value({ [name]: one }));
  expect(field('run', 'r1')).toBe('r1');
  expect(field('customer', 'ann')).toBe(REDACTED);
});

describe('declareSecrets', () => {
  test('hides them wherever this process cleans what it shows, also in errors within errors, until others are declared', () => {
    const error = new AgentError('AGENT_FAILED', 'of EMP-123456', { details: { who: 'EMP-123456' }, cause: new Error('EMP-123456') });
    declareSecrets([/\bEMP-\d{6}\b/]);
    try {
      expect(redactText('EMP-123456 at postgres://me:hunter2@h')).toBe(`${REDACTED} at postgres://me:${REDACTED}@h`);
      expect(JSON.stringify(redact({ error }))).not.toContain('EMP-');
    } finally {
      declareSecrets([]);
    }
    expect(redactText('EMP-123456')).toBe('EMP-123456');
    expect(() => {
      declareSecrets([/x*/]);
    }).toThrow('matches the empty text');
  });
});
