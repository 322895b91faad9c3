import { resolve } from 'node:path';
import type { ScrapeJob } from './run/prometheus-file.ts';
import { ROOT } from './written-files.ts';

/** What `observability:up` is told by the environment. */
export interface UpSettings {
  /** Everything that it keeps: configurations, data, logs. */
  readonly dir: string;
  readonly toolsDir: string;
  readonly ports: { readonly prometheus: number; readonly alertmanager: number; readonly grafana: number };
  readonly jobs: readonly ScrapeJob[];
  /** Where alerts are sent; default nowhere, they are shown by Alertmanager's page. */
  readonly webhookUrl?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The orchestrator of `npm start` by its port and the key file of the data folder, workers by their management ports: by default the one after
 * the orchestrator's `MANAGEMENT_PORT`. `MAINSTAY_METRICS_TARGETS` names other management ports (`host:port`, separated by commas) instead.
 */
export function upSettings(env: Environment): UpSettings {
  const dataDir = resolve(ROOT, env['MAINSTAY_DATA_DIR'] ?? '.mainstay');
  const management = env['MANAGEMENT_PORT'];
  const named = (env['MAINSTAY_METRICS_TARGETS'] ?? '')
    .split(',')
    .map((target) => target.trim())
    .filter((target) => target !== '');
  const api = { job: 'mainstay-orchestrators', targets: [`127.0.0.1:${env['PORT'] ?? '3000'}`], keyFile: resolve(dataDir, 'admin.key') };
  const workers = management === undefined ? [] : [{ job: 'mainstay-workers', targets: [`127.0.0.1:${Number(management) + 1}`] }];
  const webhookUrl = env['MAINSTAY_ALERTS_WEBHOOK'];
  return {
    dir: resolve(dataDir, 'observability'),
    toolsDir: resolve(dataDir, 'tools'),
    ports: {
      prometheus: portOf(env, 'PROMETHEUS_PORT', 9090),
      alertmanager: portOf(env, 'ALERTMANAGER_PORT', 9093),
      grafana: portOf(env, 'GRAFANA_PORT', 3001),
    },
    jobs: named.length > 0 ? [{ job: 'mainstay', targets: named }] : [api, ...workers],
    ...(webhookUrl === undefined ? {} : { webhookUrl }),
  };
}

function portOf(env: Environment, variable: string, normal: number): number {
  const port = Number(env[variable] ?? normal);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new RangeError(`${variable} must be a port, from 1 to 65535`);
  return port;
}
