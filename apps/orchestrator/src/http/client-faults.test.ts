import { expect, test } from '@jest/globals';
import { createClient } from '@mainstay/client';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ADMIN_KEY, openScene } from './testing/http-scene.ts';

const README = join(import.meta.dirname, '../../../../packages/client/README.md');

/** Passes connections on to a port, and can cut them all. */
async function openProxy(port: number) {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    return socket;
  };
  const server = createServer((near) => {
    const far = keep(connect(port, '127.0.0.1'));
    keep(near).pipe(far).pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('connections that break at any moment cost no run and double none, and every result is told', async () => {
  await using scene = await openScene();
  await scene.pipeline('noop', 'noop');
  await using proxy = await openProxy(Number(new URL(scene.base).port));
  await using client = createClient({ url: proxy.url, key: ADMIN_KEY, baseMs: 5 });
  const results: Promise<{ id: string; status: string }>[] = [];
  for (let n = 0; n < 100; n++) {
    results.push(client.run({ pipeline: 'noop', input: { n } }));
    await delay(n % 3);
    if (n % 5 === 0) proxy.cut();
  }
  const ends = await Promise.all(results);
  expect(ends.every(({ status }) => status === 'succeeded')).toBe(true);
  const { items } = await scene.store.runs('default', {}, { limit: 500 });
  expect(new Set(items.map(({ id }) => id))).toEqual(new Set(ends.map(({ id }) => id)));
  expect(items).toHaveLength(100);
});

test("the example of the client's README works as it stands, but for the address and the key", async () => {
  await using scene = await openScene();
  await scene.pipeline('greet', 'noop');
  const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(await readFile(README, 'utf8')) ?? [];
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = execFile(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--input-type=module-typescript', '-'],
    {
      cwd: join(README, '..'),
      env: { ...process.env, NODE_OPTIONS: '', MAINSTAY_URL: scene.base, MAINSTAY_KEY: ADMIN_KEY },
      timeout: 30_000,
    },
    (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(error);
    },
  );
  child.stdin?.end(example);
  expect(await promise).toMatch(/^succeeded \{/);
});
