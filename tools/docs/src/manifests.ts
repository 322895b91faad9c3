import { dirname } from 'node:path';
import { repositoryFiles, textOf } from './repository.ts';

export interface Manifest {
  /** Folder of the package; empty for the workspace itself. */
  readonly folder: string;
  readonly name: string;
  readonly dependencies: readonly string[];
  readonly devDependencies: readonly string[];
}

interface ManifestFile {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** Manifests of the workspace. */
export function readManifests(): Manifest[] {
  return repositoryFiles()
    .filter((file) => /^(?:(?:packages|packages\/shared|apps|tools)\/[^/]+\/)?package\.json$/.test(file))
    .map((file) => {
      const { name, dependencies = {}, devDependencies = {} } = JSON.parse(textOf(file)) as ManifestFile;
      const folder = dirname(file);
      return {
        folder: folder === '.' ? '' : folder,
        name,
        dependencies: Object.keys(dependencies),
        devDependencies: Object.keys(devDependencies),
      };
    });
}

/** A source file of a package. */
export interface Source {
  readonly file: string;
  readonly text: string;
  /** A test, or what only tests use. */
  readonly isTest: boolean;
}

/** Sources of the package in the folder; those of a package within it are not its own. */
export function sourcesOf(folder: string): Source[] {
  const files = repositoryFiles().filter((file) => file.startsWith(`${folder}/`));
  const inner = files
    .filter((file) => file.endsWith('/package.json') && file !== `${folder}/package.json`)
    .map((file) => `${dirname(file)}/`);
  return files
    .filter((file) => /\.(?:ts|mjs)$/.test(file) && !inner.some((nested) => file.startsWith(nested)))
    .map((file) => ({
      file,
      text: textOf(file),
      isTest: /\.test\.ts$|\/testing\/|\/test-support\/|\/contract\.ts$|\.config\.|jest/.test(file),
    }));
}

/** Packages that the text imports, type imports included; not those of Node. */
export function importedPackages(text: string): Set<string> {
  const specifiers = [...text.matchAll(/^(?:import|export)\b[^;'"]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm)].map(
    ([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? '',
  );
  return new Set(specifiers.filter((specifier) => !/^(?:\.|node:|\/)/.test(specifier)).map(packageOf));
}

/** `@scope/name` or `name` of a specifier with or without a path. */
export function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

/** Whether the text names the package in quotes: imports it, resolves it or starts its program. */
export function isNamedIn(text: string, name: string): boolean {
  return new RegExp(`['"\`]${name.replace(/[/.]/g, '\\$&')}(?:/[^'"\`]*)?['"\`]`).test(text);
}
