import { ATTR, parseTraceparent, runSpanId, type SpanLink, traceIdOf, type Tracing } from '@mainstay/observability';
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
  return { traceId: traceIdOf(traceparent), spanId: runSpanId(run, 0), attributes: { [ATTR.link]: 'run' } };
}

/** Tells the span of a request, when its trace is sampled, or it failed here, or took long. */
export function recordRequest(tracing: Tracing, { trace, principal, runs = [] }: RequestFacts, end: RequestEnd): void {
  const { method, route, status, durationMs, stream, endMs } = end;
  const place = parseTraceparent(trace.traceparent);
  if (place === undefined) return;
  const failed = status >= 500;
  const kept = place.sampled ? undefined : tracing.keeps(stream ? 0 : durationMs, failed && status !== 503);
  if (!place.sampled && kept === undefined) return;
  tracing.record({
    ...{ traceId: place.traceId, spanId: place.spanId, name: `${method} ${route}`, kind: 'server', startMs: endMs - durationMs, endMs },
    parentSpanId: trace.caller === undefined ? undefined : parseTraceparent(trace.caller)?.spanId,
    attributes: {
      'http.request.method': method,
      'http.route': route,
      'http.response.status_code': status,
      [ATTR.correlationId]: trace.correlationId,
      [ATTR.tenant]: principal?.tenant,
      [ATTR.kept]: kept,
    },
    links: runs.map(linkTo),
    error: failed ? { type: String(status) } : undefined,
    tracestate: trace.tracestate,
  });
}
