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

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // tests read answers of all shapes; `checkedCall` has compared them with the contract
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly json: any;
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
    json: /json/.test(type) && text !== '' ? JSON.parse(text) : undefined,
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
    const code = String(answer.json.code);
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
