import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort, makeTestFolder } from '@mainstay/services';
import { monitoringForTests } from './testing/monitoring.ts';
import { PrometheusClient } from './testing/prometheus-client.ts';

jest.setTimeout(60_000);
const KEY = 'k'.repeat(40);
const programs = await monitoringForTests();
const testWithTools = programs?.alertmanager === undefined ? test.skip : test;

let folder: string;
let target: Server;
beforeAll(async () => {
  folder = await makeTestFolder('mainstay-up-');
  await writeFile(join(folder, 'admin.key'), KEY, { mode: 0o600 });
  target = createServer((request, response) => {
    const allowed = request.headers.authorization === `Bearer ${KEY}`;
    response.writeHead(allowed ? 200 : 401).end(allowed ? 'mainstay_workers 1\n' : '');
  });
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  target.closeAllConnections();
  await new Promise((resolve) => target.close(resolve));
  await rm(folder, { recursive: true, force: true });
});

/** `observability:up` for the target and the folder, and what it has said. */
function start(port: number, alertmanager: number) {
  const { NODE_OPTIONS: _unused, ...own } = process.env;
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', fileURLToPath(new URL('up.ts', import.meta.url))], {
    env: {
      ...own,
      MAINSTAY_DATA_DIR: folder,
      PORT: String((target.address() as AddressInfo).port),
      PROMETHEUS_PORT: String(port),
      ALERTMANAGER_PORT: String(alertmanager),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  return { child, said: () => output };
}

testWithTools(
  'observability:up scrapes what runs with the key of the data folder, says where everything is, runs once for a folder, and ends with Ctrl-C',
  async () => {
    const port = await freePort();
    const { child, said } = start(port, await freePort());
    try {
      while (!said().includes('Ctrl-C')) {
        if (child.exitCode !== null) throw new Error(`it ended: ${said()}`);
        await wait(50);
      }
      const output = said();
      const second = start(port, await freePort());
      await once(second.child, 'close');
      expect([second.child.exitCode, second.said()]).toEqual([1, expect.stringContaining('It runs already')]);
      expect(output).toContain(`http://127.0.0.1:${port}/alerts`);
      expect(output).toContain('Alertmanager');
      const prometheus = new PrometheusClient(`http://127.0.0.1:${port}`);
      const up = async () => {
        const { activeTargets } = await prometheus.get<{ activeTargets: { health: string; labels: { job: string } }[] }>('targets');
        return activeTargets.map(({ health, labels: { job } }) => `${job} ${health}`);
      };
      while ((await up()).join() !== 'mainstay-orchestrators up') await wait(250);
      const { activeAlertmanagers } = await prometheus.get<{ activeAlertmanagers: unknown[] }>('alertmanagers');
      expect(activeAlertmanagers).toHaveLength(1);
    } finally {
      child.kill('SIGINT');
      await once(child, 'exit');
    }
    expect(child.exitCode).toBe(0);
    await expect(fetch(`http://127.0.0.1:${port}/-/ready`)).rejects.toThrow();
  },
);
