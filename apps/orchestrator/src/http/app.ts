import express, { type ErrorRequestHandler, type Express } from 'express';
import { MainstayError, NotFoundError } from '@mainstay/types';
import type { BodyLimits } from './body/read-body.ts';
import { observeRequests } from './observe-requests.ts';
import { registerRoutes } from './register.ts';
import { factsOf } from './request-facts.ts';
import { sendElsewhere, sendProblem } from './respond.ts';
import { routes } from './routes.ts';
import { securityHeaders } from './security-headers.ts';
import type { Services } from './services.ts';

export interface AppOptions {
  readonly bodies: BodyLimits;
  /** While true, every answer closes its connection, so that clients go elsewhere. Asked at each request. */
  readonly isLeaving: () => boolean;
}

/** The Express application: all routes, and a problem document for everything else. */
export function createApp(services: Services, { bodies, isLeaving }: AppOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('strict routing');
  app.enable('case sensitive routing');
  app.set('query parser', false);
  app.use(observeRequests(services));
  const headers = [['Cache-Control', 'no-store'] as const, ...securityHeaders()];
  app.use((_request, response, next) => {
    if (isLeaving()) response.setHeader('Connection', 'close');
    for (const [name, value] of headers) response.setHeader(name, value);
    next();
  });
  registerRoutes(app, routes, services, bodies);
  app.use((request) => {
    throw new NotFoundError('ROUTE_NOT_FOUND', `There is no route ${request.path.slice(0, 200)}`);
  });
  app.use(answerError(services));
  return app;
}

function answerError({ logger, engine }: Pick<Services, 'logger' | 'engine'>): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const { trace, route = 'none' } = factsOf(response);
    if (!(error instanceof MainstayError && error.status < 500) && !(error instanceof URIError)) {
      logger[error instanceof MainstayError && error.status > 502 ? 'warn' : 'error']({ err: error, route }, 'a request failed');
    }
    sendElsewhere(engine, response);
    sendProblem(request, response, error, trace);
  };
}
