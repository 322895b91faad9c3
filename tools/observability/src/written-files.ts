import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { alertmanagerFile } from './alertmanager/alertmanager-file.ts';
import { environments } from './alertmanager/environments.ts';
import { TEMPLATES } from './alertmanager/templates.ts';
import { alertsTable, askedAlertsTable } from './alerts-table.ts';
import { allDashboards } from './dashboards/all-dashboards.ts';
import { buildDashboard } from './dashboards/build-dashboard.ts';
import { dashboardProvider, datasources } from './dashboards/provisioning.ts';
import { measuresTable } from './measures.ts';
import { metricsTable } from './metrics-table.ts';
import { promtoolTests } from './promtool-tests.ts';
import { ruleFile } from './rule-file.ts';
import { ruleFiles } from './rule-groups.ts';
import { toYaml, type YamlValue } from './yaml.ts';

/** The top of the repository. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** Where the rule files are. */
export const RULES = 'tools/observability/prometheus';
/** Where the configurations of Alertmanager are. */
/** Where the dashboards are, and what Grafana needs to find them. */
export const GRAFANA = 'tools/observability/grafana';
export const ALERTMANAGER = 'tools/observability/alertmanager';

const testsOf = (rules: string): string => rules.replace('.yml', '.test.yml');

const HEAD = '# Generated from tools/observability/src; do not edit by hand:\n#   node tools/observability/src/write-files.ts\n';

/** The text of every generated file by its path in the repository. */
export async function writtenFiles(): Promise<ReadonlyMap<string, string>> {
  const yaml = (file: string, value: YamlValue) => formatted(file, `${HEAD}${toYaml(value).trimStart()}\n`);
  const files = new Map<string, string>();
  for (const [name, groups] of Object.entries(ruleFiles)) {
    const [rules, tests] = [`${RULES}/${name}`, `${RULES}/${testsOf(name)}`];
    files.set(rules, await yaml(rules, ruleFile(groups)));
    files.set(
      tests,
      await yaml(
        tests,
        promtoolTests(
          name,
          groups.flatMap((group) => group.rules),
        ),
      ),
    );
  }
  for (const environment of environments) {
    const file = `${ALERTMANAGER}/${environment.name}.yml`;
    files.set(file, await yaml(file, alertmanagerFile(environment)));
  }
  files.set(`${ALERTMANAGER}/mainstay.tmpl`, TEMPLATES);
  for (const facts of allDashboards) {
    const file = `${GRAFANA}/dashboards/${facts.name}.json`;
    files.set(file, await formatted(file, JSON.stringify(buildDashboard(facts))));
  }
  const sources = `${GRAFANA}/provisioning/datasources/mainstay.yml`;
  files.set(
    sources,
    await yaml(sources, datasources({ prometheusUrl: 'http://127.0.0.1:9090', alertmanagerUrl: 'http://127.0.0.1:9093' })),
  );
  const provider = `${GRAFANA}/provisioning/dashboards/mainstay.yml`;
  files.set(provider, await yaml(provider, dashboardProvider('/var/lib/grafana/dashboards/mainstay')));
  files.set('docs/OBSERVABILITY.md', await document());
  return files;
}

/** docs/OBSERVABILITY.md with its tables as the code has them. */
async function document(): Promise<string> {
  const file = 'docs/OBSERVABILITY.md';
  const tables = { metrics: metricsTable(), measures: measuresTable(), asked: askedAlertsTable(), alerts: alertsTable() };
  let text = readFileSync(join(ROOT, file), 'utf8');
  for (const [name, table] of Object.entries(tables)) {
    const marked = new RegExp(`(<!-- ${name}: begin[^>]*-->\\n)[\\s\\S]*?(<!-- ${name}: end)`);
    text = text.replace(marked, (_all, begin: string, end: string) => `${begin}\n${table}\n\n${end}`);
  }
  return await formatted(file, text);
}

async function formatted(file: string, text: string): Promise<string> {
  const path = join(ROOT, file);
  return await format(text, { ...(await resolveConfig(path)), filepath: path });
}
