import { childTraceparent, newTraceparent } from '@mainstay/observability';
import { uuidv7 } from '@mainstay/types';

const CORRELATION_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** What follows a request through logs, messages and events. */
export interface TraceContext {
  readonly correlationId: string;
  /** W3C Trace Context, version 00: the caller's trace, or a new one, with a span of our own. */
  readonly traceparent: string;
}

/** Takes over what the caller sent where it is well-formed, and makes up the rest. */
export function traceContext(correlationId: string | undefined, traceparent: string | undefined): TraceContext {
  return {
    correlationId: correlationId !== undefined && CORRELATION_ID.test(correlationId) ? correlationId : uuidv7(),
    traceparent: traceparent === undefined ? newTraceparent() : childTraceparent(traceparent),
  };
}

/** A span of our own in the caller's trace; a new trace when it is not well-formed. */
export function childContext(traceparent: string): string {
  return childTraceparent(traceparent);
}
