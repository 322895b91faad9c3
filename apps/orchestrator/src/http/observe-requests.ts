import type { RequestHandler } from 'express';
import { runWithContext, traceIdOf } from '@mainstay/observability';
import type { Clock } from '@mainstay/utils';
import { factsOf, type RequestFacts, setFacts } from './request-facts.ts';
import type { Services } from './services.ts';
import { recordRequest } from './request-span.ts';
import { traceContext } from './trace-context.ts';

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']);
/** Label of requests that no route matches: their paths would be labels without bound. */
const NO_ROUTE = 'none';

/** Gives every request its correlation id and trace, and writes one log line and two metrics when it has been answered. */
export function observeRequests({
  logger,
  metrics,
  clock,
  tracing,
}: Pick<Services, 'logger' | 'metrics' | 'tracing'> & { readonly clock: Clock }): RequestHandler {
  const series = seriesOf(metrics);
  return (request, response, next) => {
    const { headers } = request;
    const sent = { traceparent: oneOf(headers['traceparent']), tracestate: oneOf(headers['tracestate']) };
    const trace = traceContext(oneOf(headers['x-correlation-id']), sent, tracing?.sample);
    const { correlationId, traceparent } = trace;
    const facts: RequestFacts = { trace, startedAt: clock.monotonic() };
    setFacts(response, facts);
    response.setHeader('x-correlation-id', correlationId);
    const context = { correlationId, traceId: traceIdOf(traceparent) };
    response.once('close', () => {
      const { route = NO_ROUTE, principal, startedAt } = factsOf(response);
      const method = METHODS.has(request.method) ? request.method : 'OTHER';
      const status = response.writableEnded || response.headersSent ? response.statusCode : 499;
      const durationMs = Math.round((clock.monotonic() - startedAt) * 1_000) / 1_000;
      const { total, duration } = series(method, route, status);
      total.add();
      const stream = isStream(response.getHeader('Content-Type'));
      if (tracing !== undefined)
        recordRequest(tracing, factsOf(response), { method, route, status, durationMs, stream, endMs: clock.now() });
      if (!stream) duration.observe(durationMs / 1_000, traceparent);
      const [tenant, name] = [principal?.tenant, principal?.name];
      const level = route.startsWith('/health') || route === '/metrics' ? 'debug' : 'info';
      // with its own context: that of the present moment may be another one
      logger[level]({ correlationId, traceId: context.traceId, method, route, status, durationMs, tenant, principal: name }, 'request');
    });
    runWithContext(context, next);
  };
}

/** Counter and histogram of each kind of request, their labels bound once. Methods, routes and statuses are few. */
function seriesOf(metrics: Services['metrics']) {
  const bind = (method: string, route: string, status: number) => {
    const labels = { method, route, status: String(status) };
    return {
      total: metrics.tally('mainstay_http_requests_total', labels),
      duration: metrics.traced('mainstay_http_request_duration_seconds', labels),
    };
  };
  const bound = new Map<string, ReturnType<typeof bind>>();
  return (method: string, route: string, status: number) => {
    const key = `${method} ${route} ${status}`;
    const known = bound.get(key) ?? bind(method, route, status);
    bound.set(key, known);
    return known;
  };
}

/** Of a header that was sent several times none counts. */
function oneOf(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}

/** Streams last as long as their runs: they would drown the durations of requests. */
function isStream(type: unknown): boolean {
  return typeof type === 'string' && type.startsWith('text/event-stream');
}
