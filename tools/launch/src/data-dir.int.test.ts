import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '@mainstay/services';
import { lockDataDir } from './data-dir-lock.ts';
import { checkPort } from './port-check.ts';
import { signingKeys } from './signing-keys.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mainstay-launch-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

describe('the lock of the data folder', () => {
  test('a second start is told who holds it, and gets it as soon as the holder is dead', async () => {
    const program = `import { lockDataDir } from ${JSON.stringify(new URL('./data-dir-lock.ts', import.meta.url).href)};
      globalThis.unlock = lockDataDir(${JSON.stringify(dir)}, 'http://127.0.0.1:4000'); console.log('held'); setInterval(() => unlock, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    try {
      await once(child.stdout, 'data');
      const message = new RegExp(`process ${String(child.pid)} since .*http://127.0.0.1:4000.*MAINSTAY_DATA_DIR`);
      expect(() => lockDataDir(dir, 'http://127.0.0.1:3000')).toThrow(
        expect.objectContaining({ code: 'DATA_DIR_HELD', message: expect.stringMatching(message) }),
      );
    } finally {
      child.kill('SIGKILL');
      await ended;
    }
    lockDataDir(dir, 'http://127.0.0.1:3000')();
  }, 30_000);
});

describe('the signing keys', () => {
  test('are made once, readable for their owner only, and of 32 bytes', async () => {
    const keys = signingKeys(dir, undefined);
    expect(signingKeys(dir, undefined)).toBe(keys);
    expect(Buffer.from(keys.split(':')[1] ?? '', 'base64')).toHaveLength(32);
    expect((await stat(join(dir, 'signing.keys'))).mode & 0o777).toBe(0o600);
  });

  test('that are configured are used as they are', () => {
    expect(signingKeys(dir, 'mine:abc')).toBe('mine:abc');
  });
});

describe('the port', () => {
  test('a busy one is refused with the variable to set; a free one is not', async () => {
    const port = await freePort();
    await checkPort('127.0.0.1', port);
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    await expect(checkPort('127.0.0.1', port)).rejects.toThrow(/another program uses it. Set PORT/);
    server.close();
  });
});
