import type { JsonObject, JsonValue } from '@mainstay/types';

const TYPES = ['null', 'boolean', 'number', 'string', 'array', 'object'] as const;
type Type = (typeof TYPES)[number];

/** Keywords that say nothing about which values are valid. */
const ANNOTATIONS: ReadonlySet<string> = new Set(['$schema', '$comment', 'title', 'description', 'default', 'examples', 'deprecated']);
const MAX_DEPTH = 4;

/**
 * True for a JSON Schema that accepts every JSON value for certain: an empty one, or one with an alternative for each type
 * whose parts are the schema itself again (`{"$ref":"#"}`). Agents that take anything announce such schemas, and checking
 * values against them is much work for nothing.
 */
export function acceptsAll(schema: JsonValue, depth = 0): boolean {
  return TYPES.every((type) => accepts(schema, type, depth));
}

/** Whether all values of a type are accepted, provided that the whole schema accepts all values that are nested less deeply. */
function accepts(schema: JsonValue | undefined, type: Type, depth: number): boolean {
  if (schema === true || schema === undefined) return true;
  if (!isObject(schema) || depth > MAX_DEPTH) return false;
  const keywords = Object.keys(schema).filter((keyword) => !ANNOTATIONS.has(keyword));
  if (keywords.length === 0) return true;
  const { anyOf, $ref } = schema;
  if (keywords.length === 1 && $ref !== undefined) return $ref === '#' && depth > 0;
  if (keywords.length === 1 && Array.isArray(anyOf)) return (anyOf as JsonValue[]).some((option) => accepts(option, type, depth + 1));
  return schema['type'] === type && keywords.every((keyword) => allows(schema, keyword, depth));
}

/** Whether a keyword beside the type excludes nothing. */
function allows(schema: JsonObject, keyword: string, depth: number): boolean {
  const { items, additionalProperties, propertyNames } = schema;
  switch (keyword) {
    case 'type':
      return true;
    case 'items':
      return items !== undefined && acceptsAll(items, depth + 1);
    case 'additionalProperties':
      return additionalProperties !== undefined && acceptsAll(additionalProperties, depth + 1);
    case 'propertyNames':
      return accepts(propertyNames, 'string', depth + 1);
    default:
      return false;
  }
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
