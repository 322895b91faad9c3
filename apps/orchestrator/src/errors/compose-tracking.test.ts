import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from '@jest/globals';
import { Secret } from '@mainstay/config';
import { createLogger } from '@mainstay/observability';
import { DependencyError } from '@mainstay/types';
import { createMemoryStore } from '../store/memory/memory-store.ts';
import { errorTracking } from './compose-tracking.ts';

const deps = () => ({
  store: createMemoryStore(),
  logger: createLogger({ service: 'test', destination: { write: () => undefined } }),
  source: 'orchestrator-1',
});

test('with SENTRY_DSN errors also go there, without secrets', async () => {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      bodies.push(`${String(request.url)}\n${body}`);
      response.end('{}');
    });
  });
  const { promise, resolve } = Promise.withResolvers<undefined>();
  server.listen(0, '127.0.0.1', () => {
    resolve(undefined);
  });
  await promise;
  const { port } = server.address() as AddressInfo;
  const tracking = errorTracking(
    { SENTRY_DSN: new Secret(`http://public@127.0.0.1:${String(port)}/7`), NODE_ENV: 'test' },
    '1.2.3',
    deps(),
  );
  tracking.own(new DependencyError('POSTGRES_UNAVAILABLE', 'postgres://me:hunter2@host is away'));
  await tracking.stop();
  server.close();
  server.closeAllConnections();
  expect(bodies).toHaveLength(1);
  expect(bodies[0]).toContain('/api/7/envelope/');
  expect(bodies[0]).toContain('POSTGRES_UNAVAILABLE');
  expect(bodies[0]).toContain('"release":"mainstay@1.2.3"');
  expect(bodies[0]).not.toContain('hunter2');
});

test('a DSN that is none is refused at the start, without showing it', () => {
  const start = () => errorTracking({ SENTRY_DSN: new Secret('hunter2'), NODE_ENV: 'test' }, '1', deps());
  expect(start).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.not.stringContaining('hunter2') }));
});
