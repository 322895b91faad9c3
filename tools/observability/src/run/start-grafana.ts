import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ServerProcess } from '@mainstay/services';
import { allDashboards } from '../dashboards/all-dashboards.ts';
import { buildDashboard } from '../dashboards/build-dashboard.ts';
import { dashboardProvider, datasources, type GrafanaSource } from '../dashboards/provisioning.ts';
import { toYaml } from '../yaml.ts';
import type { Grafana } from './find-grafana.ts';
import { startServer } from './start-server.ts';

export interface GrafanaStart extends GrafanaSource {
  readonly grafana: Grafana;
  readonly dir: string;
  readonly port: number;
}

/** Grafana on the loopback interface with our dashboards; whoever reaches it may look, nobody may change anything. */
export async function startGrafana({ grafana, dir, port, ...sources }: GrafanaStart): Promise<ServerProcess> {
  const [dashboards, provisioning] = [join(dir, 'dashboards'), join(dir, 'provisioning')];
  for (const folder of [dashboards, join(provisioning, 'datasources'), join(provisioning, 'dashboards')])
    await mkdir(folder, { recursive: true });
  await writeFile(join(provisioning, 'datasources', 'mainstay.yml'), toYaml(datasources(sources)));
  await writeFile(join(provisioning, 'dashboards', 'mainstay.yml'), toYaml(dashboardProvider(dashboards)));
  for (const facts of allDashboards) await writeFile(join(dashboards, `${facts.name}.json`), JSON.stringify(buildDashboard(facts)));
  return await startServer({
    name: 'Grafana',
    file: grafana.file,
    args: [...(basename(grafana.file) === 'grafana' ? ['server'] : []), '--homepath', grafana.home],
    env: {
      GF_SERVER_HTTP_ADDR: '127.0.0.1',
      GF_SERVER_HTTP_PORT: String(port),
      GF_PATHS_DATA: join(dir, 'data'),
      GF_PATHS_LOGS: join(dir, 'logs'),
      GF_PATHS_PROVISIONING: provisioning,
      GF_AUTH_ANONYMOUS_ENABLED: 'true',
      GF_ANALYTICS_REPORTING_ENABLED: 'false',
      GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
    },
    readyUrl: `http://127.0.0.1:${port}/api/health`,
    logFile: join(dir, 'grafana.log'),
  });
}
