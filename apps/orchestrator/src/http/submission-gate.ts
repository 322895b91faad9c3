import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { MainstayError } from '@mainstay/types';
import { placeOf, PROBLEM_TYPE, toProblem } from './problems.ts';
import { securityHeaders } from './security-headers.ts';
import type { Services } from './services.ts';
import { traceContext } from './trace-context.ts';
import { TurnQuota } from './turn-quota.ts';
import { UrgentCallers } from './urgent-callers.ts';
import { isUrgent } from './urgency.ts';

const SUBMISSIONS: ReadonlySet<string> = new Set(['/api/v1/runs', '/api/v1/runs/batch']);
/** A body up to this size is read and thrown away, so that its connection can be used again. */
const MAX_DUMPED_BYTES = 65_536;

/**
 * Refuses submissions that cannot be taken now before anything is read of them: a flood must cost less than the work that it would
 * bring. One that says that it is urgent has room of its own, if its caller may start runs; who is not known yet is looked up before
 * such a one is refused. Everything else goes on to `next`.
 */
export function submissionGate(
  { engine, metrics, authenticator }: Pick<Services, 'engine' | 'metrics' | 'authenticator'>,
  next: RequestListener,
): RequestListener {
  const refused = metrics.counter('mainstay_http_requests_total');
  const headers = securityHeaders();
  const quota = new TurnQuota(() => engine.hasUrgent);
  const callers = new UrgentCallers(authenticator);

  /** Tells why it cannot be taken, at once or some turns later; the application closes the connections of a replica that shuts down. */
  const judge = (urgent: boolean, settle: (refusal: MainstayError | undefined) => void): void => {
    const refusal = engine.refusal(urgent);
    if (refusal !== undefined) settle(refusal.code === 'OVERLOADED' ? refusal : undefined);
    else if (quota.begin(urgent)) settle(undefined);
    else if (
      urgent ||
      !quota.later(() => {
        judge(urgent, settle);
      })
    )
      settle(engine.overload('Too many submissions came at once'));
  };
  return (request, response) => {
    const { method, url = '' } = request;
    if (method !== 'POST' || !SUBMISSIONS.has(url)) {
      next(request, response);
      return;
    }
    const settle = (refusal: MainstayError | undefined): void => {
      // who waited may be gone
      if (request.socket.destroyed) return;
      if (refusal === undefined) {
        next(request, response);
        return;
      }
      refused.inc({ method, route: url, status: String(refusal.status) });
      for (const [name, value] of headers) response.setHeader(name, value);
      refuse(request, response, refusal, url);
    };
    const { authorization, priority } = request.headers;
    const claims = isUrgent(priority);
    const known = claims && callers.isKnown(authorization);
    judge(known === true, (refusal) => {
      const lookUp = refusal !== undefined && known === undefined ? callers.lookUp(authorization) : undefined;
      if (lookUp === undefined) settle(refusal);
      else
        void lookUp.then((may) => {
          if (may) judge(true, settle);
          else settle(refusal);
        });
    });
  };
}

function refuse(request: IncomingMessage, response: ServerResponse, refusal: MainstayError, url: string): void {
  const trace = traceContext(headerOf(request, 'x-correlation-id'), { traceparent: headerOf(request, 'traceparent') });
  const { problem, headers } = toProblem(refusal, placeOf(url, trace));
  const text = JSON.stringify(problem);
  if (Number(request.headers['content-length'] ?? Infinity) > MAX_DUMPED_BYTES) response.setHeader('Connection', 'close');
  else request.resume();
  response.writeHead(problem.status, {
    ...headers,
    'Cache-Control': 'no-store',
    'Content-Type': `${PROBLEM_TYPE}; charset=utf-8`,
    'Content-Length': Buffer.byteLength(text),
    'x-correlation-id': trace.correlationId,
  });
  response.end(text);
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}
