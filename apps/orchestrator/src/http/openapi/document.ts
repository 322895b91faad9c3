import { type ErrorCode, errorCatalogue, type JsonObject } from '@mainstay/types';
import type { z } from 'zod';
import { PROBLEM_TYPE } from '../problems.ts';
import type { ReplyFacts, Route } from '../route.ts';
import { problemSchema } from '../schemas/common.ts';
import { SchemaCollector } from './json-schema.ts';

const TAGS: Readonly<Record<string, string>> = {
  Pipelines: 'Named, versioned graphs of stages',
  Runs: 'Executions of a pipeline',
  Decisions: 'Questions that runs wait on',
  Agents: 'Who does the work',
  'Dead letters': 'Tasks that failed for good',
  Audit: 'What was done, and by whom',
  Errors: 'What went wrong, in groups',
  'API keys': 'Who may ask',
  Administration: 'The installation itself',
  Health: 'How this process is doing',
  Contract: 'What you are reading',
};

/** The OpenAPI 3.1 document of these routes. */
export function openApiDocument(routes: readonly Route[], version: string): JsonObject {
  const schemas = new SchemaCollector();
  const paths: Record<string, Record<string, JsonObject>> = {};
  for (const route of routes) (paths[route.path] ??= {})[route.method] = operation(route, schemas);
  schemas.convert(problemSchema, 'output');
  return {
    openapi: '3.1.0',
    info: {
      title: 'Mainstay',
      version,
      description:
        'Runs pipelines of agents. Every error is a problem document (RFC 9457) with a `code`; listings are pages that `cursor` continues; ' +
        'every answer has the header `x-correlation-id`. What belongs to another tenant does not exist.',
    },
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: Object.fromEntries([...schemas.components].sort(([a], [b]) => a.localeCompare(b))),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An API key, or a JWT where the installation accepts them' },
        basic: { type: 'http', scheme: 'basic', description: 'For browsers: the password is an API key, the user name does not matter' },
      },
    },
  };
}

function operation(route: Route, schemas: SchemaCollector): JsonObject {
  const body = route.bodyFacts ?? route.body;
  return {
    operationId: route.id,
    tags: [route.tag],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    ...securityOf(route),
    parameters: [
      ...parameters(route.params, 'path', schemas),
      ...parameters(route.query, 'query', schemas),
      ...parameters(route.headers, 'header', schemas),
    ],
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: !body.safeParse(undefined).success,
            content: { 'application/json': { schema: schemas.convert(body, 'input') } },
          },
        }),
    responses: { ...replies(route, schemas), ...problems(route) },
  };
}

function securityOf({ access, basic }: Route): JsonObject {
  if (access === 'public') return { security: [] };
  const scopes = access === 'authenticated' ? [] : [access];
  return { security: [{ bearer: scopes }, ...(basic ? [{ basic: [] }] : [])], ...(scopes.length === 0 ? {} : { 'x-scope': access }) };
}

function parameters(schema: z.ZodType | undefined, place: 'path' | 'query' | 'header', schemas: SchemaCollector): JsonObject[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = schemas.convert(schema, 'output');
  return Object.entries(properties as JsonObject).map(([name, property]) => {
    const { description, ...rest } = property as JsonObject;
    return {
      name,
      in: place,
      required: (required as readonly string[]).includes(name),
      ...(description === undefined ? {} : { description }),
      schema: rest,
    };
  });
}

function replies(route: Route, schemas: SchemaCollector): Record<string, JsonObject> {
  return Object.fromEntries(
    Object.entries(route.replies).map(([status, facts]) => {
      const all = (Array.isArray(facts) ? facts : [facts]) as readonly ReplyFacts[];
      const [first] = all;
      return [
        status,
        {
          description: first?.description ?? '',
          ...(first?.headers === undefined
            ? {}
            : {
                headers: Object.fromEntries(
                  Object.entries(first.headers).map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
                ),
              }),
          ...content(all, schemas),
        },
      ];
    }),
  );
}

function content(all: readonly ReplyFacts[], schemas: SchemaCollector): JsonObject {
  const typed = all.filter(({ schema, type }) => schema !== undefined || type !== undefined);
  if (typed.length === 0) return {};
  return {
    content: Object.fromEntries(
      typed.map(({ type = 'application/json', schema }) => [
        type,
        { schema: schema === undefined ? { type: 'string' } : schemas.convert(schema, 'output') },
      ]),
    ),
  };
}

/** Codes that a route may answer with, beyond its own, by what it takes and who may call it. */
export function errorCodes(route: Route): readonly ErrorCode[] {
  const takesInput = route.params !== undefined || route.query !== undefined || route.headers !== undefined || route.body !== undefined;
  return [
    ...new Set<ErrorCode>([
      ...(route.access === 'public' ? [] : (['UNAUTHENTICATED', 'POSTGRES_UNAVAILABLE'] as const)),
      ...(route.access === 'public' || route.access === 'authenticated' ? [] : (['FORBIDDEN'] as const)),
      ...(takesInput ? (['VALIDATION_FAILED'] as const) : []),
      ...(route.body === undefined ? [] : (['MALFORMED_JSON', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', 'OVERLOADED'] as const)),
      ...(route.errors ?? []),
      'NOT_ACCEPTABLE',
      'INTERNAL',
    ]),
  ];
}

function problems(route: Route): Record<string, JsonObject> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of errorCodes(route)) {
    const { status } = errorCatalogue[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus]
      .filter(([status]) => !(status in route.replies))
      .map(([status, codes]) => [
        String(status),
        {
          description: codes.map((code) => `\`${code}\`: ${errorCatalogue[code].title}.`).join(' '),
          content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      ]),
  );
}
