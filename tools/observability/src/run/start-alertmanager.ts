import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerProcess } from '@mainstay/services';
import { alertmanagerFile, type AlertmanagerOptions } from '../alertmanager/alertmanager-file.ts';
import type { Environment } from '../alertmanager/environments.ts';
import { TEMPLATES } from '../alertmanager/templates.ts';
import { toYaml } from '../yaml.ts';
import { startServer } from './start-server.ts';

export interface AlertmanagerStart extends AlertmanagerOptions {
  /** The program. */
  readonly alertmanager: string;
  /** Its own folder: configuration, data and log. */
  readonly dir: string;
  readonly port: number;
  readonly environment: Environment;
}

/** Alertmanager on the loopback interface, alone. It ends with the process that started it. */
export async function startAlertmanager({ alertmanager, dir, port, environment, ...options }: AlertmanagerStart): Promise<ServerProcess> {
  await mkdir(dir, { recursive: true });
  const config = join(dir, 'alertmanager.yml');
  await writeFile(join(dir, 'mainstay.tmpl'), TEMPLATES);
  await writeFile(config, toYaml(alertmanagerFile(environment, options)));
  return await startServer({
    name: 'Alertmanager',
    file: alertmanager,
    args: [
      `--config.file=${config}`,
      `--storage.path=${join(dir, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      // no cluster: it would listen on all addresses
      '--cluster.listen-address=',
    ],
    readyUrl: `http://127.0.0.1:${port}/-/ready`,
    logFile: join(dir, 'alertmanager.log'),
  });
}
