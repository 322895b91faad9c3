import { z } from 'zod';
import { InternalError, type JsonObject, type JsonValue } from '@mainstay/types';

const LOCAL = '#/$defs/';
const SHARED = '#/components/schemas/';

/** Turns zod schemas into JSON Schema and collects those with an id under `components/schemas`. */
export class SchemaCollector {
  readonly components = new Map<string, JsonObject>();

  /** `input`: what is sent to us; `output`: what we send. */
  convert(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
    const {
      $schema: _dialect,
      $defs,
      ...rest
    } = z.toJSONSchema(schema, {
      io,
      unrepresentable: 'any',
      override: ({ zodSchema, jsonSchema }) => {
        // answers may gain fields: only strict objects promise to have no others
        if (io === 'output' && zodSchema._zod.def.type === 'object' && !('catchall' in zodSchema._zod.def && zodSchema._zod.def.catchall)) {
          delete jsonSchema.additionalProperties;
        }
        // the format says it, and the safe integers are the bounds of every number in JSON
        if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
        if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
        if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      },
    });
    for (const [name, definition] of Object.entries(toJson($defs ?? {}))) this.#add(name, definition);
    return relink(toJson(rest)) as JsonObject;
  }

  #add(name: string, definition: JsonValue): void {
    if (name.startsWith('__')) throw new InternalError('A recursive schema of the contract has no id; give it one with .meta({ id })');
    const { id: _id, $id: _uri, ...rest } = relink(definition) as JsonObject;
    const known = this.components.get(name);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(rest)) {
      throw new InternalError(`Two schemas of the contract have the id ${name}; rename one`);
    }
    this.components.set(name, rest);
  }
}

function toJson(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}

function relink(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map((item: JsonValue) => relink(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]: [string, JsonValue]) => [
      key,
      key === '$ref' && typeof member === 'string' && member.startsWith(LOCAL) ? `${SHARED}${member.slice(LOCAL.length)}` : relink(member),
    ]),
  );
}
