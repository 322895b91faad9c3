import type { YamlValue } from '../yaml.ts';

export interface GrafanaSource {
  /** Address of Prometheus, as Grafana reaches it. */
  readonly prometheusUrl: string;
  /** Address of Alertmanager. */
  readonly alertmanagerUrl: string;
}

/** Data sources for Grafana's folder provisioning/datasources. */
export function datasources({ prometheusUrl, alertmanagerUrl }: GrafanaSource): YamlValue {
  return {
    apiVersion: 1,
    datasources: [
      {
        name: 'Prometheus',
        type: 'prometheus',
        uid: 'mainstay-prometheus',
        access: 'proxy',
        url: prometheusUrl,
        isDefault: true,
        jsonData: { httpMethod: 'POST', timeInterval: '15s', manageAlerts: false },
      },
      {
        name: 'Alertmanager',
        type: 'alertmanager',
        uid: 'mainstay-alertmanager',
        access: 'proxy',
        url: alertmanagerUrl,
        jsonData: { implementation: 'prometheus', handleGrafanaManagedAlerts: false },
      },
    ],
  };
}

/** For Grafana's folder provisioning/dashboards; `path` is the folder of the dashboards. */
export function dashboardProvider(path: string): YamlValue {
  return {
    apiVersion: 1,
    providers: [{ name: 'mainstay', folder: 'Mainstay', type: 'file', disableDeletion: true, allowUiUpdates: false, options: { path } }],
  };
}
