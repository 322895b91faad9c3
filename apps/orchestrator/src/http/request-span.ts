import {
  type KeptFor,
  type OwnAttributes,
  parseTraceparent,
  runSpanId,
  type SpanLink,
  type SpanRecord,
  type TraceContext as TracePlace,
  traceIdOf,
  type Tracing,
} from '@mainstay/observability';
import type { BegunRun, RequestFacts } from './request-facts.ts';
import type { TraceContext } from './trace-context.ts';

/** What is known of a request at its end. */
export interface RequestEnd {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
  /** Of events: it lasts as long as its reader wants. */
  readonly stream: boolean;
  readonly endMs: number;
}

/** Runs that the span of a request leads to, at most. */
const MAX_LINKS = 100;

/** Notes that the request began a run. */
export function linkRun(facts: RequestFacts, run: string, { traceparent }: Pick<TraceContext, 'traceparent'>): void {
  const begun = (facts.runs ??= []);
  if (begun.length < MAX_LINKS) begun.push({ run, traceparent });
}

function linkTo({ run, traceparent }: BegunRun): SpanLink {
  const attributes: OwnAttributes = { 'mainstay.link': 'run' };
  return { traceId: traceIdOf(traceparent), spanId: runSpanId(run, 0), attributes };
}

/** Tells the span of a request, when its trace is sampled, or it failed here, or took long. The facts must not change any more. */
export function recordRequest(tracing: Tracing, facts: RequestFacts, end: RequestEnd): void {
  const place = parseTraceparent(facts.trace.traceparent);
  if (place === undefined) return;
  const failed = end.status >= 500 && end.status !== 503;
  const kept = place.sampled ? undefined : tracing.keeps(end.stream ? 0 : end.durationMs, failed);
  if (place.sampled || kept !== undefined) tracing.recordLater(() => [requestSpan(place, facts, end, kept)], 1);
}

function requestSpan(place: TracePlace, facts: RequestFacts, end: RequestEnd, kept: KeptFor | undefined): SpanRecord {
  const { trace, principal, runs = [] } = facts;
  const { method, route, status, durationMs, endMs } = end;
  return {
    traceId: place.traceId,
    spanId: place.spanId,
    parentSpanId: trace.caller === undefined ? undefined : parseTraceparent(trace.caller)?.spanId,
    name: `${method} ${route}`,
    kind: 'server',
    startMs: endMs - durationMs,
    endMs,
    attributes: {
      'http.request.method': method,
      'http.route': route,
      'http.response.status_code': status,
      'mainstay.correlation_id': trace.correlationId,
      'mainstay.tenant': principal?.tenant,
      'mainstay.trace.kept': kept,
    } satisfies OwnAttributes,
    links: runs.map(linkTo),
    error: status >= 500 ? { type: String(status) } : undefined,
    tracestate: trace.tracestate,
  };
}
