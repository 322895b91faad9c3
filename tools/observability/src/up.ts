import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { findMonitoring, freePort, MONITORING_MISSING, type ServerProcess, tryExclusiveLock } from '@mainstay/services';
import type { Environment, Reaction } from './alertmanager/environments.ts';
import { findGrafana } from './run/find-grafana.ts';
import { startAlertmanager } from './run/start-alertmanager.ts';
import { startGrafana } from './run/start-grafana.ts';
import { startPrometheus } from './run/start-prometheus.ts';
import { upSettings } from './up-settings.ts';
import { ROOT } from './written-files.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    stopping.abort(signal);
  });
}

const TOLD: Reaction = { channels: ['webhook'], groupWait: '10s', groupInterval: '1m', repeat: '4h' };
/** One place that tells everything; a development installation wakes nobody. */
const LOCAL: Environment = {
  name: 'staging',
  reactions: { info: TOLD, warning: TOLD, error: TOLD, critical: TOLD },
  escalation: TOLD,
  watchdog: [],
  sendsMail: false,
};

process.exitCode = await up();

/** Starts what there is, prints where it is, and stays until a signal comes or one of them ends. */
async function up(): Promise<number> {
  const { dir, toolsDir, ports, jobs, webhookUrl } = upSettings(process.env);
  const programs = await findMonitoring({ toolsDir, onProgress: say, signal: stopping.signal });
  if (programs === undefined) {
    say(MONITORING_MISSING);
    return 1;
  }
  await mkdir(dir, { recursive: true });
  const lock = tryExclusiveLock(`${dir}/up.lock`);
  if (lock === undefined) {
    say(
      `It runs already for this data folder (${dir}): two would share one store. End that one, or name another folder with MAINSTAY_DATA_DIR.`,
    );
    return 1;
  }
  const servers: ServerProcess[] = [];
  try {
    const [prometheus, alertmanager] = [await freePort(ports.prometheus), await freePort(ports.alertmanager)];
    const [prometheusUrl, alertmanagerUrl] = [`http://127.0.0.1:${prometheus}`, `http://127.0.0.1:${alertmanager}`];
    const lines = [`  Prometheus    ${prometheusUrl}/alerts`];
    if (programs.alertmanager === undefined)
      lines.push('  Alertmanager  is not installed on this machine: alerts are shown by Prometheus alone');
    else {
      const options = webhookUrl === undefined ? { silent: true } : { webhookUrl };
      const start = { alertmanager: programs.alertmanager, dir: `${dir}/alertmanager`, port: alertmanager, environment: LOCAL };
      servers.push(await startAlertmanager({ ...start, ...options }));
      lines.push(`  Alertmanager  ${alertmanagerUrl}`);
    }
    servers.push(
      await startPrometheus({
        ...{ prometheus: programs.prometheus, dir: `${dir}/prometheus`, port: prometheus, environment: 'local', jobs },
        ...(programs.alertmanager === undefined ? {} : { alertmanager: `127.0.0.1:${alertmanager}` }),
        rules: { runbookBase: `file://${ROOT}` },
      }),
    );
    const grafana = findGrafana();
    if (grafana === undefined)
      lines.push('  Grafana       is not on this machine; the dashboards to import are in tools/observability/grafana/dashboards');
    else {
      const port = await freePort(ports.grafana);
      servers.push(await startGrafana({ grafana, dir: `${dir}/grafana`, port, prometheusUrl, alertmanagerUrl }));
      lines.push(`  Grafana       http://127.0.0.1:${port}/dashboards`);
    }
    say(
      [
        '',
        'Watching Mainstay',
        ...lines,
        `  scrapes       ${jobs.flatMap(({ targets }) => targets).join(', ')}`,
        `  data, logs    ${dir}`,
        '  stop          Ctrl-C',
      ].join('\n'),
    );
    const stopped = stopping.signal.aborted ? Promise.resolve() : once(stopping.signal, 'abort');
    const ended = await Promise.race([stopped.then(() => undefined), ...servers.map((server) => server.ended)]);
    if (ended === undefined) return 0;
    say(`One of them has ended by itself (code ${String(ended.code)}); its log is in ${dir}`);
    return 1;
  } finally {
    await Promise.all(servers.map((server) => server.end('SIGTERM', 10_000)));
    lock.release();
  }
}
