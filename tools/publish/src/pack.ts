import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PUBLISHED, ROOT } from './packages.ts';
import { run } from './run.ts';
import { stage } from './stage.ts';

/** A package that npm has packed. */
export interface Tarball {
  /** Its folder in the workspace. */
  readonly folder: string;
  readonly name: string;
  readonly file: string;
  /** Paths within it. */
  readonly files: readonly string[];
}

interface NpmPacked {
  readonly name: string;
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** Builds all published packages and packs them with npm, as it would deliver them, into `target`. */
export async function packAll(target: string): Promise<readonly Tarball[]> {
  const configurations = PUBLISHED.map((folder) => `${folder}/tsconfig.lib.json`);
  await run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '--build', ...configurations], ROOT, 300_000);
  const staging = join(target, 'staging');
  mkdirSync(staging, { recursive: true });
  const staged = PUBLISHED.map((folder) => stage(folder, staging));
  const packed = JSON.parse(await run('npm', ['pack', '--json', '--pack-destination', target, ...staged], target)) as unknown;
  // npm 11 gives a list, newer ones may give an object by name
  const all = Object.values(packed as Readonly<Record<string, NpmPacked>>);
  return PUBLISHED.map((folder, at) => {
    const one = all[at];
    if (one === undefined) throw new Error(`npm packed nothing of ${folder}`);
    return { folder, name: one.name, file: join(target, one.filename), files: one.files.map(({ path }) => path) };
  });
}
