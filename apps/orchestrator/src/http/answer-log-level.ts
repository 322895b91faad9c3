import type { RequestHandler } from 'express';
import { answerLevelRequest } from '@mainstay/observability';
import { refuse } from './answer-profile.ts';
import { requireOperator } from './auth/principal.ts';
import type { Services } from './services.ts';

/** Changes what this process logs, for a time or until it ends. For admins of the operator's tenant. */
export function answerLogLevel({ authenticator, logger }: Pick<Services, 'authenticator' | 'logger'>): RequestHandler {
  return async (request, response) => {
    try {
      const principal = await authenticator.authenticate(request.headers.authorization);
      requireOperator(principal, 'Changing the log level');
      const change = await answerLevelRequest(logger, request);
      logger.warn({ principal: principal.name, ...change }, 'the log level was changed');
      response.set('Cache-Control', 'no-store').json(change);
    } catch (error) {
      refuse(request, response, error);
    }
  };
}
