import express, { type Express } from 'express';
import { sendReply } from './respond.ts';
import type { Services } from './services.ts';

/** What the management port serves without a key: metrics and health, nothing that changes or shows data of tenants. */
export function createManagementApp({ metrics, health }: Services): Express {
  const app = express();
  app.disable('x-powered-by');
  app.get('/metrics', async (_request, response) => {
    sendReply(response, { status: 200, text: await metrics.text(), type: metrics.contentType });
  });
  app.get('/health', (_request, response) => {
    sendReply(response, { status: 200, json: { status: 'ok' } });
  });
  app.get('/health/ready', async (_request, response) => {
    const { status, state, checks } = await health.ready();
    sendReply(response, { status: status === 'unavailable' ? 503 : 200, json: { status, state, checks } });
  });
  app.use((_request, response) => {
    response.status(404).end();
  });
  return app;
}
