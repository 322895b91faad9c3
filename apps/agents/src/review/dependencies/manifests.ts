import { z } from 'zod';
import type { Manifest } from '../model.ts';

/** What a manifest says by itself. */
export interface ManifestFacts {
  readonly ecosystem: Manifest['ecosystem'];
  readonly name: string | null;
  readonly direct: readonly string[];
  readonly development: readonly string[];
  readonly runtime: string | null;
}

const names = z.record(z.string(), z.unknown()).catch({});
const packageJson = z.object({
  name: z.string().nullable().catch(null),
  dependencies: names,
  optionalDependencies: names,
  devDependencies: names,
  engines: z.record(z.string(), z.string()).catch({}),
});

export function readPackageJson(text: string): ManifestFacts {
  const manifest = packageJson.parse(JSON.parse(text));
  const engines = Object.entries(manifest.engines).map(([engine, range]) => `${engine} ${range}`);
  return {
    ecosystem: 'npm',
    name: manifest.name,
    direct: [...new Set([...Object.keys(manifest.dependencies), ...Object.keys(manifest.optionalDependencies)])],
    development: Object.keys(manifest.devDependencies),
    runtime: engines.length === 0 ? null : engines.join(', '),
  };
}

export function readRequirements(text: string): ManifestFacts {
  const direct = text.split('\n').flatMap((line) => /^([A-Za-z0-9][\w.-]*)/.exec(line.trim())?.[1] ?? []);
  return { ecosystem: 'python', name: null, direct, development: [], runtime: null };
}

/** The lines between `[table]` and the next heading. */
function tomlTable(text: string, table: string): string[] {
  const lines = text.split('\n').map((line) => line.trimEnd());
  const start = lines.indexOf(`[${table}]`);
  if (start < 0) return [];
  const length = lines.slice(start + 1).findIndex((line) => line.startsWith('['));
  return lines.slice(start + 1, length < 0 ? undefined : start + 1 + length);
}

/** The `[project]` table of pyproject.toml: names of its dependencies and the Python it wants. */
export function readPyproject(text: string): ManifestFacts {
  const lines = tomlTable(text, 'project');
  const value = (key: string): string | undefined =>
    lines.flatMap((line) => (line.startsWith(key) ? (/^[\w-]+\s*=\s*["']([^"']+)/.exec(line)?.[1] ?? []) : []))[0];
  const start = lines.findIndex((line) => /^dependencies\s*=\s*\[/.test(line));
  const length = start < 0 ? 0 : lines.slice(start).findIndex((line) => line.endsWith(']')) + 1;
  const list = start < 0 ? [] : lines.slice(start, start + length);
  const python = value('requires-python');
  return {
    ecosystem: 'python',
    name: value('name') ?? null,
    direct: list.flatMap((line) => [...line.matchAll(/["']([A-Za-z0-9][\w.-]*)/g)].flatMap(([, name]) => name ?? [])),
    development: [],
    runtime: python === undefined ? null : `python ${python}`,
  };
}

export function readGoMod(text: string): ManifestFacts {
  const direct: string[] = [];
  let name: string | null = null;
  let go: string | undefined;
  let block = '';
  for (const line of text.split('\n')) {
    const [first = '', second = '', third = ''] = line.trim().split(/\s+/, 3);
    if (first === 'module') name = second;
    else if (first === 'go') go = second;
    else if (second === '(') block = first;
    else if (first === ')') block = '';
    else if (line.includes('// indirect') || first.startsWith('//')) continue;
    else if (first === 'require' && third.startsWith('v')) direct.push(second);
    else if (block === 'require' && second.startsWith('v')) direct.push(first);
  }
  return { ecosystem: 'go', name, direct, development: [], runtime: go === undefined ? null : `go ${go}` };
}

/** Names of the keys in a table of a Cargo.toml. */
function cargoTable(text: string, table: string): string[] {
  let inside = false;
  const found: string[] = [];
  for (const line of text.split('\n')) {
    const [, heading] = /^\[+([^\]]+)\]/.exec(line) ?? [];
    if (heading !== undefined) {
      inside = heading === table;
      if (heading.startsWith(`${table}.`)) found.push(heading.slice(table.length + 1));
    } else if (inside) {
      const [, name] = /^([\w-]+)(?:\.\w+)*\s*=/.exec(line) ?? [];
      if (name !== undefined) found.push(name);
    }
  }
  return [...new Set(found)];
}

export function readCargoToml(text: string): ManifestFacts {
  const rust = /^rust-version\s*=\s*"([^"]+)"/m.exec(text)?.[1];
  return {
    ecosystem: 'rust',
    name: /^name\s*=\s*"([^"]+)"/m.exec(text)?.[1] ?? null,
    direct: [...cargoTable(text, 'dependencies'), ...cargoTable(text, 'workspace.dependencies')],
    development: [...cargoTable(text, 'dev-dependencies'), ...cargoTable(text, 'build-dependencies')],
    runtime: rust === undefined ? null : `rust ${rust}`,
  };
}

/** Reader by file name; undefined for what is no manifest. */
export function manifestReader(path: string): ((text: string) => ManifestFacts) | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (name === 'package.json') return readPackageJson;
  if (name === 'pyproject.toml') return readPyproject;
  if (name === 'go.mod') return readGoMod;
  if (name === 'Cargo.toml') return readCargoToml;
  return /^requirements([.-][\w-]+)?\.txt$/.test(name) ? readRequirements : undefined;
}
