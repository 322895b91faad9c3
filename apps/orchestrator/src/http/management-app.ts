import express, { type Express } from 'express';
import { LOG_LEVEL_PATH } from '@mainstay/observability';
import { PROFILE_PATH } from '@mainstay/profiling';
import { answerLogLevel } from './answer-log-level.ts';
import { answerProfile } from './answer-profile.ts';
import { sendReply } from './respond.ts';
import type { Services } from './services.ts';

/** What the management port serves: metrics and health without a key, nothing that shows data of tenants; profiles and the log level with one. */
export function createManagementApp(services: Services): Express {
  const { metrics, health } = services;
  const app = express();
  app.disable('x-powered-by');
  app.get('/metrics', async (request, response) => {
    sendReply(response, { status: 200, ...(await metrics.scrape(request.headers.accept)) });
  });
  app.get('/health', (_request, response) => {
    sendReply(response, { status: 200, json: { status: 'ok' } });
  });
  app.get('/health/ready', async (_request, response) => {
    const { status, state, checks } = await health.ready();
    sendReply(response, { status: status === 'down' ? 503 : 200, json: { status, state, checks } });
  });
  app.post(PROFILE_PATH, answerProfile(services));
  app.put(LOG_LEVEL_PATH, answerLogLevel(services));
  app.use((_request, response) => {
    response.status(404).end();
  });
  return app;
}
