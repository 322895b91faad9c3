import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { unpackDebian } from './debian-unpack.ts';
import { installPackages } from './package-install.ts';
import type { FindOptions } from './redis-program.ts';
import { runStep } from './run-step.ts';

/** Prometheus and Alertmanager with their tools, as absolute paths. */
export interface MonitoringPrograms {
  readonly prometheus: string;
  readonly promtool: string;
  /** Undefined where only its tools run: Debian's reads templates in /usr/share, which an unpacked one does not have. */
  readonly alertmanager: string | undefined;
  readonly amtool: string;
  /** Where they came from, for people. */
  readonly origin: string;
}

/** What to do where {@link findMonitoring} gives nothing. */
export const MONITORING_MISSING =
  'There is no Prometheus and Alertmanager on this machine and none could be installed. Install both (Debian: apt-get install prometheus prometheus-alertmanager; macOS: brew install prometheus alertmanager).';

/** Debian calls the third one by its package's name. */
const NAMES = {
  prometheus: ['prometheus'],
  promtool: ['promtool'],
  alertmanager: ['alertmanager', 'prometheus-alertmanager'],
  amtool: ['amtool'],
};
const USUAL_FOLDERS = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin', '/home/linuxbrew/.linuxbrew/bin'];
const FOLDER = 'monitoring';

/**
 * Prometheus and Alertmanager: on the machine, from its package manager where we may use it, or unpacked from their Debian packages beside
 * the data folder. Undefined: none could be had.
 */
export async function findMonitoring(options: FindOptions): Promise<MonitoringPrograms | undefined> {
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((entry) => entry.startsWith('/'));
  const onMachine = [...new Set([...path, ...USUAL_FOLDERS])];
  const beside = [join(options.toolsDir, FOLDER, 'usr', 'bin')];
  const debian = ['prometheus', 'prometheus-alertmanager'];
  const plain = ['prometheus', 'alertmanager'];
  const attempts: readonly (() => Promise<MonitoringPrograms | undefined>)[] = [
    () => inFolders(onMachine, options),
    async () => {
      const installed = await installPackages({ title: 'Prometheus', apt: debian, dnf: [], apk: plain, brew: plain }, options);
      return installed ? inFolders(onMachine, options) : undefined;
    },
    () => inFolders(beside, options),
    async () => {
      await rm(join(options.toolsDir, FOLDER), { recursive: true, force: true });
      const source = { folder: FOLDER, title: 'Prometheus', packages: () => Promise.resolve(debian) };
      return (await unpackDebian(source, options)) === undefined ? undefined : inFolders(beside, options);
    },
  ];
  for (const attempt of attempts) {
    options.signal?.throwIfAborted();
    const found = await attempt();
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Debian's Alertmanager wants them there, wherever it lies itself. */
const DEBIAN_TEMPLATES = '/usr/share/prometheus/alertmanager/default.tmpl';

/** All of them, if they run here. */
async function inFolders(folders: readonly string[], { signal }: FindOptions): Promise<MonitoringPrograms | undefined> {
  const find = (names: readonly string[]) =>
    names.flatMap((name) => folders.map((folder) => join(folder, name))).find((file) => existsSync(file));
  const prometheus = find(NAMES.prometheus);
  const promtool = find(NAMES.promtool);
  const alertmanager = find(NAMES.alertmanager);
  const amtool = find(NAMES.amtool);
  if (prometheus === undefined || promtool === undefined || alertmanager === undefined || amtool === undefined) return undefined;
  const answers = await Promise.all([prometheus, promtool, alertmanager, amtool].map((file) => runStep(file, ['--version'], { signal })));
  if (!answers.every(({ ok }) => ok)) return undefined;
  const version = /version (\S+)/.exec(answers[0]?.output ?? '')?.[1]?.replace(/,$/, '') ?? '';
  const serves = alertmanager.endsWith('/alertmanager') || existsSync(DEBIAN_TEMPLATES);
  return { prometheus, promtool, alertmanager: serves ? alertmanager : undefined, amtool, origin: `${prometheus} ${version}` };
}
