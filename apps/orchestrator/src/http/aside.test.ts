import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Agent, type ClientRequest, request } from 'node:http';
import { eventually, type HttpScene, openScene } from './testing/http-scene.ts';

let scene: HttpScene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(async () => {
  await scene[Symbol.asyncDispose]();
});

/** The `Connection` of an answer over the agent's connections. */
function connectionOf(agent: Agent, onSent: (sent: ClientRequest) => void = () => undefined): Promise<string | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
  const sent = request(`${scene.base}/health`, { agent }, (response) => {
    response.resume().on('end', () => {
      resolve(response.headers.connection);
    });
  });
  sent.on('error', reject);
  sent.end();
  onSent(sent);
  return promise;
}

describe('a replica that stands aside', () => {
  test('sends clients elsewhere: it closes the connections of its answers and those that are idle, until it takes part again', async () => {
    const [agent, other] = [new Agent({ keepAlive: true }), new Agent({ keepAlive: true })];
    const closed = Promise.withResolvers<undefined>();
    const onSent = (sent: ClientRequest): void => {
      sent.once('socket', (socket) =>
        socket.once('close', () => {
          closed.resolve(undefined);
        }),
      );
    };
    try {
      expect([await connectionOf(agent), await connectionOf(other, onSent)]).toEqual(['keep-alive', 'keep-alive']);
      scene.hub.disconnect(scene.engine.name);
      expect(scene.engine.standsAside).toBe(true);
      expect(await connectionOf(agent)).toBe('close');
      await closed.promise;
      scene.hub.reconnect(scene.engine.name);
      await eventually(async () => {
        expect(await connectionOf(agent)).toBe('keep-alive');
      });
    } finally {
      agent.destroy();
      other.destroy();
    }
  });
});
