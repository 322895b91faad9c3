import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { freePort, makeTestFolder, type MonitoringPrograms, type ServerProcess } from '@mainstay/services';
import { startAlertmanager } from './run/start-alertmanager.ts';
import { productionAtAnyHour } from './testing/at-any-hour.ts';
import { monitoringForTests } from './testing/monitoring.ts';
import { WebhookReceiver } from './testing/webhook-receiver.ts';

const run = promisify(execFile);

let programs: MonitoringPrograms | undefined;
let receiver: WebhookReceiver;
let server: ServerProcess | undefined;
let folder: string;
let base: string;
beforeAll(async () => {
  programs = await monitoringForTests();
  folder = await makeTestFolder();
  receiver = await WebhookReceiver.start();
  const port = await freePort();
  base = `http://127.0.0.1:${port}`;
  if (programs?.alertmanager === undefined) return;
  const { alertmanager } = programs;
  server = await startAlertmanager({
    alertmanager,
    dir: folder,
    port,
    environment: productionAtAnyHour(),
    factor: 0.005,
    webhookUrl: receiver.url,
  });
}, 300_000);
afterAll(async () => {
  await server?.end('SIGTERM', 5_000);
  await receiver[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function post(alerts: readonly Readonly<Record<string, string>>[], ends = false): Promise<void> {
  const body = alerts.map((labels) => ({
    labels,
    ...(ends ? { endsAt: new Date(Date.now() - 1_000).toISOString() } : {}),
  }));
  const response = await fetch(`${base}/api/v2/alerts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
}

const down = { alertname: 'PostgresDown', severity: 'critical' };
const symptom = { alertname: 'HighErrorRate', severity: 'error' };
const other = { alertname: 'BreakerOpen', severity: 'critical', breaker: 'search' };

test('a cause is told and its symptoms are not; a silence keeps one alert back; an end is told', async () => {
  if (programs?.alertmanager === undefined) return;
  const { amtool } = programs;
  await run(amtool, [
    'silence',
    'add',
    `--alertmanager.url=${base}`,
    '--author=test',
    '--comment=maintenance',
    '--duration=1h',
    'alertname=NoWorkers',
  ]);
  const since = performance.now();
  await post([down]);
  await receiver.next('PostgresDown', 'firing', since, 5_000);
  await post([symptom, { alertname: 'NoWorkers', severity: 'critical' }, other]);
  await receiver.next('BreakerOpen', 'firing', since, 5_000);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(new Set(receiver.received.map(({ labels }) => labels['alertname']))).toEqual(new Set(['PostgresDown', 'BreakerOpen']));
  await post([down], true);
  await receiver.next('PostgresDown', 'resolved', since, 5_000);
  await post([symptom]);
  await receiver.next('HighErrorRate', 'firing', since, 5_000);
  const { stdout } = await run(amtool, ['alert', 'query', '-s', `--alertmanager.url=${base}`, 'alertname=NoWorkers']);
  expect(stdout).toContain('NoWorkers');
}, 30_000);

test('the end of a symptom that was told before its cause is not told while the cause lasts: which is why causes fire first', async () => {
  if (programs?.alertmanager === undefined) return;
  const early = { alertname: 'HighLatency', severity: 'error' };
  const since = performance.now();
  await post([early]);
  await receiver.next('HighLatency', 'firing', since, 5_000);
  await post([down]);
  const cause = await receiver.next('PostgresDown', 'firing', since, 5_000);
  await post([early], true);
  // several times the interval of the group
  await new Promise((resolve) => setTimeout(resolve, 3_500));
  await post([down], true);
  await receiver.next('PostgresDown', 'resolved', cause.at, 5_000);
  await new Promise((resolve) => setTimeout(resolve, 3_500));
  const told = receiver.received.filter(({ labels, at }) => labels['alertname'] === 'HighLatency' && at >= since);
  expect(told.map(({ status }) => status)).toEqual(['firing']);
}, 30_000);
