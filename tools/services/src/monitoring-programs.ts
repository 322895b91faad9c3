import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { unpackDebian } from './debian-unpack.ts';
import type { FindOptions } from './redis-program.ts';
import { runStep } from './run-step.ts';

/** Prometheus and Alertmanager with their tools, as absolute paths. */
export interface MonitoringPrograms {
  readonly prometheus: string;
  readonly promtool: string;
  readonly alertmanager: string;
  readonly amtool: string;
  /** Where they came from, for people. */
  readonly origin: string;
}

/** What to do where {@link findMonitoring} gives nothing. */
export const MONITORING_MISSING =
  'There is no Prometheus and Alertmanager on this machine and none could be fetched. Install both (Debian: apt-get install prometheus prometheus-alertmanager; macOS: brew install prometheus alertmanager).';

/** Debian calls the second one by its package's name. */
const NAMES = {
  prometheus: ['prometheus'],
  promtool: ['promtool'],
  alertmanager: ['alertmanager', 'prometheus-alertmanager'],
  amtool: ['amtool'],
} as const;
const USUAL_FOLDERS = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin', '/home/linuxbrew/.linuxbrew/bin'];
const FOLDER = 'monitoring';

/**
 * Prometheus and Alertmanager: on the PATH, unpacked earlier, unpacked from their Debian packages (which need nothing but the C library;
 * installing them would start servers nobody asked for), or from Homebrew or apk. Undefined: none could be had.
 */
export async function findMonitoring(options: FindOptions): Promise<MonitoringPrograms | undefined> {
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((entry) => entry.startsWith('/'));
  const beside = [join(options.toolsDir, FOLDER, 'usr', 'bin')];
  const attempts: readonly (() => Promise<MonitoringPrograms | undefined>)[] = [
    () => inFolders([...path, ...USUAL_FOLDERS], options),
    () => inFolders(beside, options),
    async () => {
      await rm(join(options.toolsDir, FOLDER), { recursive: true, force: true });
      const unpacked = await unpackDebian(
        { folder: FOLDER, title: 'Prometheus', packages: () => Promise.resolve(['prometheus', 'prometheus-alertmanager']) },
        options,
      );
      return unpacked === undefined ? undefined : inFolders(beside, options);
    },
    async () => ((await install(options)) ? inFolders([...path, ...USUAL_FOLDERS], options) : undefined),
  ];
  for (const attempt of attempts) {
    options.signal?.throwIfAborted();
    const found = await attempt();
    if (found !== undefined) return found;
  }
  return undefined;
}

/** All four, if they run here. */
async function inFolders(folders: readonly string[], { signal }: FindOptions): Promise<MonitoringPrograms | undefined> {
  const find = (names: readonly string[]) =>
    names.flatMap((name) => folders.map((folder) => join(folder, name))).find((file) => existsSync(file));
  const { prometheus, promtool, alertmanager, amtool } = {
    prometheus: find(NAMES.prometheus),
    promtool: find(NAMES.promtool),
    alertmanager: find(NAMES.alertmanager),
    amtool: find(NAMES.amtool),
  };
  if (prometheus === undefined || promtool === undefined || alertmanager === undefined || amtool === undefined) return undefined;
  const answers = await Promise.all([prometheus, promtool, alertmanager, amtool].map((file) => runStep(file, ['--version'], { signal })));
  if (!answers.every(({ ok }) => ok)) return undefined;
  const version = /version (\S+)/.exec(answers[0]?.output ?? '')?.[1] ?? '';
  return { prometheus, promtool, alertmanager, amtool, origin: `${prometheus} ${version}` };
}

async function install({ onProgress, signal }: FindOptions): Promise<boolean> {
  const isRoot = process.getuid?.() === 0;
  const [name, steps] = isRoot ? ['apk', ['add', '--no-cache']] : ['brew', ['install']];
  if (!(await runStep(name, ['--version'], { signal })).ok) return false;
  onProgress(`installing Prometheus with ${name}`);
  const env = { HOMEBREW_NO_AUTO_UPDATE: '1' };
  return (await runStep(name, [...steps, 'prometheus', 'alertmanager'], { env, signal })).ok;
}
