import type { RequestHandler } from 'express';
import { runWithContext, parseTraceparent } from '@mainstay/observability';
import type { Clock } from '@mainstay/utils';
import { factsOf, type RequestFacts, setFacts } from './request-facts.ts';
import type { Services } from './services.ts';
import { traceContext } from './trace-context.ts';

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']);
/** Label of requests that no route matches: their paths would be labels without bound. */
const NO_ROUTE = 'none';

/** Gives every request its correlation id and trace, and writes one log line and two metrics when it has been answered. */
export function observeRequests({
  logger,
  metrics,
  clock,
}: Pick<Services, 'logger' | 'metrics'> & { readonly clock: Clock }): RequestHandler {
  const total = metrics.counter('mainstay_http_requests_total');
  const duration = metrics.histogram('mainstay_http_request_duration_seconds');
  return (request, response, next) => {
    const trace = traceContext(request.get('x-correlation-id'), request.get('traceparent'));
    const facts: RequestFacts = { trace, startedAt: clock.monotonic() };
    setFacts(response, facts);
    response.set('x-correlation-id', trace.correlationId);
    const traceId = parseTraceparent(trace.traceparent)?.traceId;
    const context = { correlationId: trace.correlationId, ...(traceId === undefined ? {} : { traceId }) };
    response.once('close', () => {
      const { route = NO_ROUTE, principal, startedAt } = factsOf(response);
      const method = METHODS.has(request.method) ? request.method : 'OTHER';
      const status = response.writableEnded || response.headersSent ? response.statusCode : 499;
      const durationMs = Math.round((clock.monotonic() - startedAt) * 1_000) / 1_000;
      const labels = { method, route, status: String(status) };
      total.inc(labels);
      if (!isStream(response.get('Content-Type'))) duration.observe(labels, durationMs / 1_000);
      const fields = {
        method,
        route,
        status,
        durationMs,
        ...(principal === undefined ? {} : { tenant: principal.tenant, principal: principal.name }),
      };
      runWithContext(context, () => {
        logger[route.startsWith('/health') || route === '/metrics' ? 'debug' : 'info'](fields, 'request');
      });
    });
    runWithContext(context, next);
  };
}

/** Streams last as long as their runs: they would drown the durations of requests. */
function isStream(type: string | undefined): boolean {
  return type?.startsWith('text/event-stream') ?? false;
}
