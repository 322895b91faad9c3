import { describe, expect, test } from '@jest/globals';
import type { JsonValue } from '@mainstay/types';
import { z } from 'zod';
import { acceptsAll } from './accepts-all.ts';

const json = z.toJSONSchema(z.json()) as JsonValue;

describe('acceptsAll', () => {
  test.each<[string, JsonValue]>([
    ['what an agent announces that takes any JSON', json],
    ['nothing at all', {}],
    ['true', true],
    ['annotations alone', { $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'Anything', description: 'All of it' }],
    ['an empty alternative', { anyOf: [{ type: 'string', minLength: 3 }, {}] }],
  ])('is true for %s', (_name, schema) => {
    expect(acceptsAll(schema)).toBe(true);
  });

  test.each<[string, JsonValue]>([
    ['false', false],
    ['one type', { type: 'object' }],
    ['a schema without one of the types', { anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'null' }] }],
    ['a reference to itself and nothing else', { $ref: '#' }],
    ['a reference to elsewhere', { anyOf: [{ $ref: '#/$defs/a' }], $defs: { a: {} } }],
    ['a bounded text', JSON.parse(JSON.stringify(json).replace('"string"', '"string","maxLength":9')) as JsonValue],
    ['lists of something', JSON.parse(JSON.stringify(json).replace('{"$ref":"#"}', '{"type":"string"}')) as JsonValue],
    ['an unknown keyword', { not: {} }],
    ['integers only', JSON.parse(JSON.stringify(json).replace('"number"', '"integer"')) as JsonValue],
    ['named properties', { anyOf: [{ type: 'object', properties: { a: { type: 'string' } } }] }],
    ['endless nesting', Array.from({ length: 20 }).reduce<JsonValue>((inner) => ({ anyOf: [inner] }), {})],
  ])('is false for %s', (_name, schema) => {
    expect(acceptsAll(schema)).toBe(false);
  });
});
