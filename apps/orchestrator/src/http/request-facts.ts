import type { Response } from 'express';
import type { Principal } from './auth/principal.ts';
import type { TraceContext } from './trace-context.ts';

/** A run that a request began, and where the request stands in its trace. */
export interface BegunRun {
  readonly run: string;
  readonly traceparent: string;
}

/** What is known of a request so far; for its log line and its metrics. */
export interface RequestFacts {
  readonly trace: TraceContext;
  readonly startedAt: number;
  /** Template of the route; absent: none matches. */
  route?: string;
  principal?: Principal;
  /** The route also takes a key as the password of HTTP Basic. */
  basic?: boolean;
  /** Runs that it began: the span of the request leads to them. */
  runs?: BegunRun[];
}

const KEY = 'mainstay';

export function setFacts(response: Response, facts: RequestFacts): void {
  response.locals[KEY] = facts;
}

/** Those that {@link setFacts} gave the response. */
export function factsOf(response: Response): RequestFacts {
  return response.locals[KEY] as RequestFacts;
}
