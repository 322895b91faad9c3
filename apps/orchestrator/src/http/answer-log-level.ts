import type { RequestHandler } from 'express';
import { changeLogLevel, readLevelRequest } from '@mainstay/observability';
import type { JsonObject } from '@mainstay/types';
import { auditFacts } from './audited.ts';
import { refuse } from './answer-profile.ts';
import { requireOperator } from './auth/principal.ts';
import type { Services } from './services.ts';
import { traceContext } from './trace-context.ts';

type LevelServices = Pick<Services, 'authenticator' | 'logger' | 'audit' | 'engine'>;

/** Changes what this process logs, for a time or until it ends. For admins of the operator's tenant. */
export function answerLogLevel({ authenticator, logger, audit, engine }: LevelServices): RequestHandler {
  return async (request, response) => {
    try {
      const principal = await authenticator.authenticate(request.headers.authorization);
      requireOperator(principal, 'Changing the log level');
      const asked = await readLevelRequest(request);
      const trace = traceContext(request.get('x-correlation-id'), {});
      await audit.note(
        auditFacts({ principal, trace }, { action: 'log-level.changed', target: engine.name, details: levelDetails(asked) }),
      );
      const change = changeLogLevel(logger, asked);
      logger.warn({ principal: principal.name, ...change }, 'the log level was changed');
      response.set('Cache-Control', 'no-store').json(change);
    } catch (error) {
      refuse(request, response, error);
    }
  };
}

/** What is written down of a change. */
export function levelDetails({ level, forSeconds }: { readonly level: string; readonly forSeconds?: number | undefined }): JsonObject {
  return { level, ...(forSeconds !== undefined && { forSeconds }) };
}
