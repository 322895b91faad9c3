import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerProcess } from '@mainstay/services';
import { ruleFile, type RuleFileOptions } from '../rule-file.ts';
import { ruleFiles } from '../rule-groups.ts';
import { toYaml } from '../yaml.ts';
import { prometheusFile, type PrometheusFacts } from './prometheus-file.ts';
import { startServer } from './start-server.ts';

export interface PrometheusStart extends Omit<PrometheusFacts, 'rules'> {
  /** The program. */
  readonly prometheus: string;
  /** Its own folder: configuration, rules, data and log. */
  readonly dir: string;
  readonly port: number;
  readonly rules?: RuleFileOptions;
  /** Default 15 days. */
  readonly retention?: string;
}

/** Prometheus on the loopback interface, with all rules and with exemplars kept. It ends with the process that started it. */
export async function startPrometheus(options: PrometheusStart): Promise<ServerProcess> {
  const { prometheus, dir, port, rules = {}, retention = '15d', ...facts } = options;
  await mkdir(dir, { recursive: true });
  for (const [name, groups] of Object.entries(ruleFiles)) await writeFile(join(dir, name), toYaml(ruleFile(groups, rules)));
  const config = join(dir, 'prometheus.yml');
  await writeFile(config, toYaml(prometheusFile({ ...facts, rules: Object.keys(ruleFiles) })));
  return await startServer({
    name: 'Prometheus',
    file: prometheus,
    args: [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(dir, 'data')}`,
      `--storage.tsdb.retention.time=${retention}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--enable-feature=exemplar-storage',
    ],
    readyUrl: `http://127.0.0.1:${port}/-/ready`,
    logFile: join(dir, 'prometheus.log'),
  });
}
