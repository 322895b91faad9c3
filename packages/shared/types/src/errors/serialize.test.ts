import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { JsonObject } from '../json.ts';
import { type ErrorCode, errorCatalogue } from './catalogue.ts';
import { AgentError, NetworkError } from './classes.ts';
import { MainstayError } from './mainstay-error.ts';
import {
  MAX_CAUSE_DEPTH,
  MAX_MESSAGE_LENGTH,
  MAX_STACK_LENGTH,
  reviveError,
  type SerializedError,
  serializedErrorSchema,
  serializeError,
  toMainstayError,
} from './serialize.ts';

/** As between processes: through JSON text and the schema. */
const travel = (thrown: unknown, options?: { stack?: boolean }): MainstayError =>
  reviveError(serializedErrorSchema.parse(JSON.parse(JSON.stringify(serializeError(thrown, options)))));

interface Facts {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: JsonObject;
  readonly disposition: 'terminal' | 'retryable' | 'cancelled';
  readonly retryAfterMs: number | undefined;
}

const codes = Object.keys(errorCatalogue) as ErrorCode[];
const jsonObjects = fc.dictionary(fc.string(), fc.jsonValue()).map((object) => JSON.parse(JSON.stringify(object)) as JsonObject);
const facts: fc.Arbitrary<Facts> = fc.record({
  code: fc.constantFrom(...codes),
  message: fc.string({ maxLength: 300 }),
  details: jsonObjects,
  disposition: fc.constantFrom('terminal', 'retryable', 'cancelled'),
  retryAfterMs: fc.option(fc.nat(), { nil: undefined }),
});

const build = (chain: readonly Facts[]): MainstayError | undefined =>
  chain.reduceRight<MainstayError | undefined>(
    (cause, { code, message, details, disposition, retryAfterMs }) =>
      new MainstayError(code, message, { cause, details, disposition, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }),
    undefined,
  );

const chainOf = (error: unknown): Facts[] => {
  if (!(error instanceof MainstayError)) return [];
  const { code, message, details, disposition, retryAfterMs } = error;
  return [{ code, message, details, disposition, retryAfterMs }, ...chainOf(error.cause)];
};

describe('an error that travels', () => {
  test('keeps code, message, disposition, details, delay and its chain of causes', () => {
    fc.assert(
      fc.property(fc.array(facts, { minLength: 1, maxLength: MAX_CAUSE_DEPTH + 1 }), (chain) => {
        expect(JSON.stringify(chainOf(travel(build(chain))))).toBe(JSON.stringify(chain));
      }),
    );
  });

  test('may be any value at all', () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withTypedArray: true }),
        (thrown) => {
          const error = travel(thrown);
          return error instanceof MainstayError && typeof error.message === 'string';
        },
      ),
    );
  });

  test('keeps the code of an error that is not ours', () => {
    const foreign = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    expect(serializeError(foreign)).toEqual({ code: 'ECONNREFUSED', name: 'Error', message: 'connect', disposition: 'retryable' });
    const revived = travel(new NetworkError('x', { cause: foreign })).cause;
    expect(revived).toMatchObject({ name: 'InternalError', code: 'INTERNAL', details: { code: 'ECONNREFUSED' }, message: 'connect' });
  });

  test.each([42, '', 'x'.repeat(65), null])('does not take %j for a code', (code) => {
    expect(serializeError(Object.assign(new Error('x'), { code })).code).toBe('INTERNAL');
  });

  test('carries its stack only on request', () => {
    const error = new AgentError('AGENT_FAILED', 'x');
    expect(serializeError(error)).not.toHaveProperty('stack');
    expect(travel(error, { stack: true }).stack).toBe(error.stack);
  });

  test('is bounded in depth and length', () => {
    let error = new Error('innermost');
    for (let i = 0; i < 50; i++) error = new Error('m'.repeat(10_000), { cause: error });
    error.stack = 's'.repeat(100_000);
    let depth = 0;
    let last: SerializedError = serializeError(error, { stack: true });
    expect(last.stack).toHaveLength(MAX_STACK_LENGTH);
    for (; last.cause !== undefined; last = last.cause) {
      expect(last.message).toHaveLength(MAX_MESSAGE_LENGTH);
      depth += 1;
    }
    expect(depth).toBe(MAX_CAUSE_DEPTH);
    expect(serializedErrorSchema.safeParse(serializeError(error, { stack: true })).success).toBe(true);
  });

  test('may be its own cause', () => {
    const error = new Error('loop');
    error.cause = error;
    expect(travel(error).message).toBe('loop');
  });

  test('may come from another realm', () => {
    const foreign: unknown = runInNewContext(`new RangeError('elsewhere')`);
    expect(serializeError(foreign)).toMatchObject({ name: 'RangeError', message: 'elsewhere' });
    expect(toMainstayError(foreign).message).toBe('elsewhere');
  });
});

describe('serializeError', () => {
  test.each<[unknown, string, string]>([
    ['text', 'string', 'text'],
    [undefined, 'undefined', 'undefined'],
    [null, 'object', 'null'],
    [{ a: 1 }, 'object', '{"a":1}'],
    [10n, 'bigint', '[object BigInt]'],
    [Symbol('s'), 'symbol', 'Symbol(s)'],
  ])('describes the thrown value %p', (thrown, name, message) => {
    expect(serializeError(thrown)).toEqual({ code: 'INTERNAL', name, message, disposition: 'retryable' });
  });

  test('does not throw over values with cycles', () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    expect(serializeError(circular).message).toBe('[object Object]');
    expect(toMainstayError(circular).cause).toBe(circular);
  });
});

describe('serializedErrorSchema', () => {
  test('drops what it does not know, at every level', () => {
    const known = { code: 'INTERNAL', name: 'Error', message: 'x', disposition: 'retryable' };
    const sent = { ...known, severity: 'new', cause: { ...known, severity: 'new' } };
    expect(serializedErrorSchema.parse(sent)).toEqual({ ...known, cause: known });
  });
});

describe('toMainstayError', () => {
  test('leaves our errors as they are', () => {
    const error = new NetworkError('x');
    expect(toMainstayError(error)).toBe(error);
  });

  test('wraps others under the given code', () => {
    const cause = new Error('inner');
    expect(toMainstayError(cause, 'AGENT_FAILED')).toMatchObject({ code: 'AGENT_FAILED', message: 'inner', cause });
    expect(toMainstayError('text')).toMatchObject({ code: 'INTERNAL', message: 'text' });
  });
});
