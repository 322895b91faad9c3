import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Agent, request } from 'node:http';
import { eventually, type HttpScene, openScene } from './testing/http-scene.ts';

let scene: HttpScene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(async () => {
  await scene[Symbol.asyncDispose]();
});

/** The `Connection` of an answer over the agent's connections. */
function connectionOf(agent: Agent): Promise<string | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
  const sent = request(`${scene.base}/health`, { agent }, (response) => {
    response.resume().on('end', () => {
      resolve(response.headers.connection);
    });
  });
  sent.on('error', reject);
  sent.end();
  return promise;
}

describe('a replica that is cut off', () => {
  test('sends clients elsewhere until it is connected again: it closes the connections of its answers', async () => {
    const agent = new Agent({ keepAlive: true });
    try {
      expect(await connectionOf(agent)).toBe('keep-alive');
      scene.hub.disconnect(scene.engine.name);
      expect([scene.engine.cutOff, scene.engine.standsAside]).toEqual([true, false]);
      expect(await connectionOf(agent)).toBe('close');
      scene.hub.reconnect(scene.engine.name);
      await eventually(async () => {
        expect(await connectionOf(agent)).toBe('keep-alive');
      });
    } finally {
      agent.destroy();
    }
  });
});
