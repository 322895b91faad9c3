import type { FindOptions } from './redis-program.ts';
import { runStep, type StepResult } from './run-step.ts';

interface Installer {
  readonly name: string;
  readonly root: boolean;
  readonly steps: readonly (readonly string[])[];
}

/** Later steps count even if an earlier one fails: an old package list is better than none. */
const INSTALLERS: readonly Installer[] = [
  {
    name: 'apt-get',
    root: true,
    steps: [
      ['update', '-q'],
      ['install', '-y', '-q', '--no-install-recommends', 'redis-server'],
    ],
  },
  { name: 'dnf', root: true, steps: [['install', '-y', 'redis']] },
  { name: 'dnf', root: true, steps: [['install', '-y', 'valkey']] },
  { name: 'apk', root: true, steps: [['add', '--no-cache', 'redis']] },
  { name: 'brew', root: false, steps: [['install', 'redis']] },
];

/** RUNLEVEL=1 keeps Debian from starting a Redis of its own on the usual port. */
const ENVIRONMENT = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1', HOMEBREW_NO_AUTO_UPDATE: '1' };

/** Installs Redis with the machine's package manager; false if there is none that we may use, or all fail. Homebrew refuses root. */
export async function installRedis({ onProgress, signal }: FindOptions): Promise<boolean> {
  const isRoot = process.getuid?.() === 0;
  for (const installer of INSTALLERS.filter((each) => each.root === isRoot)) {
    if (!(await runStep(installer.name, ['--version'], { signal })).ok) continue;
    onProgress(`installing Redis with ${installer.name}`);
    let last: StepResult = { ok: false, output: '' };
    for (const step of installer.steps) last = await runStep(installer.name, step, { env: ENVIRONMENT, signal });
    if (last.ok) return true;
    onProgress(`${installer.name} could not install Redis: ${last.output.trim().split('\n').at(-1) ?? ''}`);
  }
  return false;
}
