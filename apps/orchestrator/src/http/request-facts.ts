import type { SpanLink } from '@mainstay/observability';
import type { Response } from 'express';
import type { Principal } from './auth/principal.ts';
import type { TraceContext } from './trace-context.ts';

/** What is known of a request so far; for its log line and its metrics. */
export interface RequestFacts {
  readonly trace: TraceContext;
  readonly startedAt: number;
  /** Template of the route; absent: none matches. */
  route?: string;
  principal?: Principal;
  /** The route also takes a key as the password of HTTP Basic. */
  basic?: boolean;
  /** Spans of the runs that it began. */
  runs?: SpanLink[];
}

const KEY = 'mainstay';

export function setFacts(response: Response, facts: RequestFacts): void {
  response.locals[KEY] = facts;
}

/** Those that {@link setFacts} gave the response. */
export function factsOf(response: Response): RequestFacts {
  return response.locals[KEY] as RequestFacts;
}
