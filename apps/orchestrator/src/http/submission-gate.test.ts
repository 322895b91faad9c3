import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, test } from '@jest/globals';
import { createMetrics } from '@mainstay/observability';
import { systemClock } from '@mainstay/utils';
import { createAuthenticator } from './auth/authenticator.ts';
import { submissionGate } from './submission-gate.ts';
import { ADMIN_KEY, openScene } from './testing/http-scene.ts';

test('what waits for a later turn is forgotten when its connection is gone', async () => {
  await using scene = await openScene();
  let taken = 0;
  const gate = submissionGate(
    {
      engine: scene.engine,
      metrics: createMetrics({ service: 'test', processMetrics: false }),
      authenticator: createAuthenticator(scene.store, systemClock, { bootstrapKey: ADMIN_KEY }),
    },
    (request) => {
      // it goes away when as many were taken as a turn begins: those that come after it would wait
      if (++taken === 100) request.socket.destroy();
    },
  );
  let came = 0;
  const server = createServer((request, response) => {
    came++;
    gate(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write('POST /api/v1/runs HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}'.repeat(350));
  await once(socket, 'close');
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
  server.close();
  expect(came).toBeGreaterThan(200);
  expect(taken).toBe(100);
});
