import type { Request, RequestHandler, Response } from 'express';
import { CancelledError } from '@mainstay/types';
import { answerProfileRequest } from '@mainstay/profiling';
import { auditFacts } from './audited.ts';
import { requireOperator } from './auth/principal.ts';
import { placeOf, PROBLEM_TYPE, toProblem } from './problems.ts';
import type { Services } from './services.ts';
import { traceContext } from './trace-context.ts';

type ProfileServices = Pick<Services, 'authenticator' | 'logger' | 'audit' | 'engine'>;

/**
 * Answers with a CPU profile of this process. For admins of the operator's tenant: unlike the rest of the management port it costs
 * CPU and shows how the program works. Ends when the client goes.
 */
export function answerProfile({ authenticator, logger, audit, engine }: ProfileServices): RequestHandler {
  return async (request, response) => {
    try {
      const principal = await authenticator.authenticate(request.headers.authorization);
      requireOperator(principal, 'Recording a CPU profile');
      const trace = traceContext(request.get('x-correlation-id'), {});
      await audit.note(auditFacts({ principal, trace }, { action: 'profile.taken', target: engine.name, details: { kind: 'cpu' } }));
      logger.info({ principal: principal.name }, 'a CPU profile is being recorded');
      response
        .set('Cache-Control', 'no-store')
        .type('application/json')
        .send(await answerProfileRequest(request.url, untilGone(response)));
    } catch (error) {
      refuse(request, response, error);
    }
  };
}

/** Aborts when the connection ends before the answer does. */
function untilGone(response: Response): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => {
    gone.abort(new CancelledError('CANCELLED', 'the client has gone'));
  });
  return gone.signal;
}

/** Answers with the problem document of the error. */
export function refuse(request: Request, response: Response, error: unknown): void {
  const trace = traceContext(request.get('x-correlation-id'), { traceparent: request.get('traceparent') });
  const { problem, headers } = toProblem(error, placeOf(request.path, trace));
  response.status(problem.status).set(headers).set('Content-Type', PROBLEM_TYPE).send(JSON.stringify(problem));
}
