import { expect } from '@jest/globals';
import { errorCodes } from '../openapi/document.ts';
import { PROBLEM_TYPE } from '../problems.ts';
import type { ReplyFacts, Route } from '../route.ts';
import { routes } from '../routes.ts';
import { problemSchema } from '../schemas/common.ts';

export interface CallOptions {
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it stands. */
  readonly raw?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Key; `null`: none. */
  readonly key?: string | null;
}

/**
 * What tests read of the bodies of all routes together. `checkedCall` has compared the body with the schema of its own
 * route, so that a member that the route does not have is `undefined` and fails the test that reads it.
 */
export interface Body {
  readonly id: string;
  readonly key: string;
  readonly run: string;
  readonly stage: string;
  readonly name: string;
  readonly type: string;
  readonly tenant: string;
  readonly status: string;
  readonly code: string;
  readonly detail: string;
  readonly path: string;
  readonly problem: string;
  readonly level: string;
  readonly previous: string;
  readonly answer: string;
  readonly createdAt: string;
  readonly finishedAt: string;
  readonly cursor: string | undefined;
  readonly seq: number;
  readonly after: number;
  readonly version: number;
  readonly score: number;
  readonly parts: Readonly<Record<string, number>>;
  readonly active: boolean;
  readonly triggers: readonly string[];
  readonly leastPriority: string;
  readonly recent: readonly (Body & { readonly change: string; readonly by?: string; readonly reason?: string })[];
  readonly deadlineAt: string | undefined;
  readonly results: readonly (Omit<Body, 'status'> & { readonly status: number })[];
  readonly eventStreams: number;
  readonly waitingFor: { readonly agent: string; readonly since: string };
  readonly memory: { readonly rssBytes: number };
  readonly error: Body;
  readonly details: Body;
  readonly definition: { readonly stages: readonly unknown[] };
  readonly items: readonly Body[];
  readonly tasks: readonly [Body, ...Body[]];
  readonly decisions: readonly [Body, ...Body[]];
  readonly issues: readonly [Body, ...Body[]];
  readonly workers: readonly [Body & { readonly kinds: readonly string[] }];
  readonly kinds: readonly Body[];
  readonly missing: readonly Body[];
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Body;
}

/** Codes that need no route. */
const ANYWHERE: ReadonlySet<string> = new Set(['ROUTE_NOT_FOUND', 'METHOD_NOT_ALLOWED', 'SHUTTING_DOWN', 'VALIDATION_FAILED']);

/** Sends a request and compares the answer with what the contract says of its route: status, form and error code. */
export async function checkedCall(
  base: string,
  method: string,
  path: string,
  key: string | null,
  options: CallOptions = {},
): Promise<Answer> {
  const { json, raw, headers } = options;
  const sent = options.key === undefined ? key : options.key;
  const body = raw ?? (json === undefined ? undefined : JSON.stringify(json));
  const response = await fetch(`${base}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(sent === null ? {} : { authorization: `Bearer ${sent}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  const answer: Answer = {
    status: response.status,
    headers: response.headers,
    text,
    json: (type.includes('json') && text !== '' ? JSON.parse(text) : undefined) as Body,
  };
  expect(response.headers.get('x-correlation-id')).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
  if (method !== 'HEAD' && method !== 'OPTIONS') compare(answer, type, method, new URL(path, base).pathname);
  return answer;
}

function compare(answer: Answer, type: string, method: string, path: string): void {
  const route = routes.find((candidate) => candidate.method === method.toLowerCase() && matches(candidate, path));
  if (type.startsWith(PROBLEM_TYPE)) {
    expect(problemSchema.parse(answer.json)).toEqual(answer.json);
    expect(answer.json).toMatchObject({ status: answer.status, correlationId: answer.headers.get('x-correlation-id') });
    const code = answer.json.code;
    if (!ANYWHERE.has(code)) expect(route === undefined ? [] : errorCodes(route)).toContain(code);
    return;
  }
  const facts = [route?.replies[answer.status] ?? []].flat() as readonly ReplyFacts[];
  expect({ path, status: answer.status, known: facts.length > 0 }).toEqual({ path, status: answer.status, known: true });
  const fitting = facts.find((reply) => answer.status === 204 || type.startsWith(reply.type ?? 'application/json'));
  expect({ path, type, known: fitting !== undefined }).toEqual({ path, type, known: true });
  if (fitting?.schema !== undefined) expect(fitting.schema.parse(answer.json)).toEqual(answer.json);
}

function matches(route: Route, path: string): boolean {
  return new RegExp(`^${route.path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path);
}
