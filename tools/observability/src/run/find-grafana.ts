import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** Grafana's program and the folder with its pages. */
export interface Grafana {
  readonly file: string;
  readonly home: string;
}

const HOMES = ['/usr/share/grafana', '/usr/local/share/grafana', '/opt/homebrew/share/grafana', '/opt/homebrew/opt/grafana/share/grafana'];

/** A Grafana that is on this machine; none is fetched. `GRAFANA_HOME` names the folder of an unpacked one. */
export function findGrafana(env: Readonly<Record<string, string | undefined>> = process.env): Grafana | undefined {
  const own = env['GRAFANA_HOME'];
  const folders = [...(own === undefined ? [] : [join(own, 'bin')]), ...(env['PATH'] ?? '').split(delimiter), '/usr/sbin'];
  const file = folders
    .filter((folder) => folder.startsWith('/'))
    .flatMap((folder) => [join(folder, 'grafana'), join(folder, 'grafana-server')])
    .find((path) => existsSync(path));
  if (file === undefined) return undefined;
  const home = [...(own === undefined ? [] : [own]), ...HOMES, dirname(dirname(file))].find((folder) => existsSync(join(folder, 'conf')));
  return home === undefined ? undefined : { file, home };
}
