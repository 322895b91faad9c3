import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { ErrorCode, JsonValue } from '@mainstay/types';
import type { Principal } from './auth/principal.ts';
import { parsed } from './parsed.ts';
import type { Scope } from './scopes.ts';
import type { Services } from './services.ts';
import type { TraceContext } from './trace-context.ts';

export type Method = 'get' | 'put' | 'post' | 'delete';

/** Who may call a route: everybody, everybody with valid credentials, or who has a scope. */
export type Access = 'public' | 'authenticated' | Scope;

/** One answer of a route, as the contract describes it. */
export interface ReplyFacts {
  readonly description: string;
  /** Default `application/json`. */
  readonly type?: string;
  /** Absent: no body, or text. */
  readonly schema?: z.ZodType;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a handler answers. `streamed`: it has written the answer itself. */
export type Reply =
  | { readonly status: number; readonly json?: unknown; readonly headers?: Readonly<Record<string, string>> }
  | { readonly status: number; readonly text: string; readonly type: string; readonly headers?: Readonly<Record<string, string>> }
  | { readonly streamed: true };

/** A request whose route is known and whose sender is allowed. */
export interface Call {
  readonly principal: Principal;
  readonly trace: TraceContext;
  readonly services: Services;
  readonly request: Request;
  readonly response: Response;
  /** Rejects once the credentials are no longer valid. */
  readonly reauthenticate: () => Promise<unknown>;
}

export interface RawCall extends Call {
  readonly readQuery: () => Readonly<Record<string, string>>;
  readonly readBody: () => Promise<JsonValue | undefined>;
}

export interface RouteFacts {
  /** Unique; names the operation in the contract. */
  readonly id: string;
  readonly method: Method;
  /** With parameters in braces: `/api/v1/runs/{id}`. */
  readonly path: string;
  readonly tag: string;
  readonly access: Access;
  readonly summary: string;
  readonly description?: string;
  /** Also takes the key as the password of HTTP Basic, so that a browser can show the page. */
  readonly basic?: true;
  /** Answers while Postgres hangs: a key that was good in the last ten minutes is taken to be good then. Only for what shows no data. */
  readonly prompt?: true;
  readonly replies: Readonly<Record<number, ReplyFacts | readonly ReplyFacts[]>>;
  /** Beyond those that all routes with such input and access have. */
  readonly errors?: readonly ErrorCode[];
}

type Schema = z.ZodType | undefined;
type Value<S extends Schema> = S extends z.ZodType ? z.output<S> : undefined;

export interface RouteInput<P extends Schema, Q extends Schema, H extends Schema, B extends Schema> {
  readonly params?: P;
  readonly query?: Q;
  /** Names in lower case. */
  readonly headers?: H;
  readonly body?: B;
  /** What the contract says of the body, where the handler checks it itself. */
  readonly bodyFacts?: z.ZodType;
}

/** One route: the contract and the code of it. */
export interface Route extends RouteFacts, RouteInput<Schema, Schema, Schema, Schema> {
  readonly run: (call: RawCall) => Promise<Reply>;
}

interface Handled<P extends Schema, Q extends Schema, H extends Schema, B extends Schema> extends RouteFacts, RouteInput<P, Q, H, B> {
  readonly handle: (
    call: Call & { readonly params: Value<P>; readonly query: Value<Q>; readonly headers: Value<H>; readonly body: Value<B> },
  ) => Promise<Reply> | Reply;
}

/** A route whose handler gets what its schemas made of the request. */
export function defineRoute<
  P extends Schema = undefined,
  Q extends Schema = undefined,
  H extends Schema = undefined,
  B extends Schema = undefined,
>({ handle, ...facts }: Handled<P, Q, H, B>): Route {
  return {
    ...facts,
    async run(call) {
      const query = call.readQuery();
      const { principal, trace, services, request, response, reauthenticate } = call;
      return await handle({
        principal,
        trace,
        services,
        request,
        response,
        reauthenticate,
        params: parsed<P>(facts.params, call.request.params, 'path'),
        query: parsed<Q>(facts.query, query, 'query'),
        headers: parsed<H>(facts.headers, call.request.headers, 'headers'),
        body: parsed<B>(facts.body, facts.body === undefined ? undefined : await call.readBody(), 'body'),
      });
    },
  };
}
