import { createServer, type ServerResponse } from 'node:http';
import type { Component, Health } from '@mainstay/lifecycle';
import { LOG_LEVEL_PATH, type Logger, type Metrics } from '@mainstay/observability';
import { PROFILE_PATH } from '@mainstay/profiling';
import { answerLogLevel, answerProfile } from './profile-requests.ts';

interface ManagementOptions {
  readonly port: number;
  readonly metrics: Metrics;
  readonly health: Health;
  readonly logger: Logger;
}

/** `/metrics`, `/health`, `/health/ready`, `POST /profile` and `PUT /log-level` on a port of their own. A port that is taken is a warning: tasks matter more. */
export function managementServer({ port, metrics, health, logger }: ManagementOptions): Component {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000, maxHeaderSize: 8_192 }, (request, response) => {
    const path = request.url?.split('?')[0];
    if (path === '/metrics') {
      metrics.scrape(request.headers.accept).then(
        ({ text, type }) => {
          send(response, 200, type, text);
        },
        (error: unknown) => {
          logger.error({ err: error }, 'the metrics could not be collected');
          send(response, 500, 'text/plain', 'the metrics could not be collected\n');
        },
      );
    } else if (path === '/health') send(response, 200, 'application/json', '{"status":"ok"}\n');
    else if (path === '/health/ready') {
      void health.ready().then((report) => {
        send(response, report.status === 'down' ? 503 : 200, 'application/json', `${JSON.stringify(report)}\n`);
      });
    } else if (path === PROFILE_PATH && request.method === 'POST') void answerProfile(request, response, logger);
    else if (path === LOG_LEVEL_PATH && request.method === 'PUT') void answerLogLevel(request, response, logger);
    else send(response, 404, 'text/plain', 'see /metrics, /health, /health/ready, POST /profile and PUT /log-level\n');
  });
  return {
    name: 'management-server',
    start: () =>
      new Promise((resolve) => {
        server.once('error', (error) => {
          logger.warn({ err: error, port }, 'the management port (MANAGEMENT_PORT) cannot be used; there are no metrics of this worker');
          resolve();
        });
        server.listen(port, () => {
          resolve();
        });
      }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}
