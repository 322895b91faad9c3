import { childTraceparent, formatTraceparent, newTraceparent, parseTraceparent, type Sampler } from '@mainstay/observability';
import { uuidv7 } from '@mainstay/types';
import { rootTraceparent } from '../traces/run-place.ts';

const CORRELATION_ID = /^[A-Za-z0-9_-]{1,64}$/;
/** W3C Trace Context: at least so much is to be handed on. Longer ones are left out whole. */
const TRACESTATE = /^[\x20-\x7e]{1,512}$/;

/** What follows a request through logs, messages and events. */
export interface TraceContext {
  readonly correlationId: string;
  /** W3C Trace Context, version 00: the caller's trace, or a new one, with a span of our own. */
  readonly traceparent: string;
  /** That of the caller, where it sent a well-formed one, with our decision to sample. */
  readonly caller?: string;
  readonly tracestate?: string;
}

/** What a caller sends of its trace, in headers or with a run. */
export interface SentTrace {
  readonly traceparent?: string | undefined;
  readonly tracestate?: string | undefined;
}

/** Without tracing the caller's decision stands, and new traces are sampled: who has tracing may decide. */
const asCaller: Sampler = (_traceId, parent = true) => parent;

/** Takes over what the caller sent where it is well-formed, and makes up the rest. */
export function traceContext(correlationId: string | undefined, sent: SentTrace, sample: Sampler = asCaller): TraceContext {
  return {
    correlationId: correlationId !== undefined && CORRELATION_ID.test(correlationId) ? correlationId : uuidv7(),
    ...placeIn(sent, sample),
  };
}

/** The place of a run that brings a trace of its own, or of one that does not, in a request. */
export function traceOfRun(correlationId: string, sent: SentTrace, request: TraceContext, sample: Sampler = asCaller): TraceContext {
  if (sent.traceparent !== undefined) return { correlationId, ...placeIn(sent, sample) };
  // runs that nobody else connects have traces of their own
  return request.caller === undefined ? { correlationId, ...placeIn({}, sample) } : { ...request, correlationId };
}

/** What a run keeps of its trace: the place of its caller, or that of the root of its trace. */
export function runTraceparent({ caller, traceparent }: TraceContext): string {
  if (caller !== undefined) return caller;
  const place = parseTraceparent(traceparent);
  return place === undefined ? traceparent : rootTraceparent(place.traceId, place.sampled);
}

function placeIn({ traceparent = '', tracestate }: SentTrace, sample: Sampler): Omit<TraceContext, 'correlationId'> {
  const caller = parseTraceparent(traceparent);
  const own = parseTraceparent(caller === undefined ? newTraceparent() : childTraceparent(traceparent));
  if (own === undefined) return { traceparent: newTraceparent() };
  const sampled = sample(own.traceId, caller?.sampled);
  return {
    traceparent: formatTraceparent({ ...own, sampled }),
    ...(caller === undefined ? undefined : { caller: formatTraceparent({ ...caller, sampled }) }),
    ...(caller === undefined || tracestate === undefined || !TRACESTATE.test(tracestate) ? undefined : { tracestate }),
  };
}
