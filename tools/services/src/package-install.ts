import type { FindOptions } from './redis-program.ts';
import { runStep, type StepResult } from './run-step.ts';

/** Names of packages by package manager; several lists are tried one after the other. */
export interface PackageNames {
  readonly title: string;
  readonly apt: readonly string[];
  readonly dnf: readonly (readonly string[])[];
  readonly apk: readonly string[];
  readonly brew: readonly string[];
}

interface Installer {
  readonly name: string;
  readonly root: boolean;
  readonly steps: readonly (readonly string[])[];
}

/** Later steps count even if an earlier one fails: an old package list is better than none. */
function installersOf({ apt, dnf, apk, brew }: PackageNames): readonly Installer[] {
  return [
    {
      name: 'apt-get',
      root: true,
      steps: [
        ['update', '-q'],
        ['install', '-y', '-q', '--no-install-recommends', ...apt],
      ],
    },
    ...dnf.map((names) => ({ name: 'dnf', root: true, steps: [['install', '-y', ...names]] })),
    { name: 'apk', root: true, steps: [['add', '--no-cache', ...apk]] },
    { name: 'brew', root: false, steps: [['install', ...brew]] },
  ];
}

/** RUNLEVEL=1 keeps Debian from starting servers of its own on the usual ports. */
const ENVIRONMENT = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1', HOMEBREW_NO_AUTO_UPDATE: '1' };

/** Installs with the machine's package manager; false if there is none that we may use, or all fail. Homebrew refuses root. */
export async function installPackages(names: PackageNames, { onProgress, signal }: FindOptions): Promise<boolean> {
  const isRoot = process.getuid?.() === 0;
  for (const installer of installersOf(names).filter((each) => each.root === isRoot)) {
    if (!(await runStep(installer.name, ['--version'], { signal })).ok) continue;
    onProgress(`installing ${names.title} with ${installer.name}`);
    let last: StepResult = { ok: false, output: '' };
    for (const step of installer.steps) last = await runStep(installer.name, step, { env: ENVIRONMENT, signal });
    if (last.ok) return true;
    onProgress(`${installer.name} could not install ${names.title}: ${last.output.trim().split('\n').at(-1) ?? ''}`);
  }
  return false;
}
