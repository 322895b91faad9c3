import { describe, expect, test } from '@jest/globals';
import { importedPackages, isNamedIn, type Manifest, packageOf, readManifests, sourcesOf } from './manifests.ts';
import { textOf } from './repository.ts';

const all = readManifests();
const root = all.find(({ folder }) => folder === '');
const packages = all.filter(({ folder }) => folder !== '');
const workspace = new Set(packages.map(({ name }) => name));

const { scripts } = JSON.parse(textOf('package.json')) as { readonly scripts: Readonly<Record<string, string>> };

/** Where the workspace names its tools, other than in sources. */
const CONFIGURATION = ['eslint.config.mjs', 'nx.json', 'jest.preset.mjs', 'tsconfig.base.json'].map(textOf).join('\n');

/** Used through code that is generated after the installation and not kept in the repository. */
const GENERATED: Readonly<Record<string, string>> = { '@prisma/client': './generated/client.ts' };

function undeclared({ folder, dependencies, devDependencies }: Manifest): string[] {
  return sourcesOf(folder).flatMap(({ file, text, isTest }) => {
    const forTests = [...devDependencies, ...(root?.devDependencies ?? []), ...workspace];
    const known = new Set([...dependencies, ...(isTest || folder.startsWith('tools/') ? forTests : [])]);
    return [...importedPackages(text)].filter((name) => !known.has(name)).map((name) => `${file} imports ${name}`);
  });
}

describe('dependencies', () => {
  test('every package that is declared is used by the sources of its package', () => {
    const dead = packages.flatMap(({ folder, name, dependencies, devDependencies }) => {
      const text = sourcesOf(folder)
        .map((source) => source.text)
        .join('\n');
      return [...dependencies, ...devDependencies]
        .filter((dependency) => !isNamedIn(text, dependency) && !isNamedIn(text, GENERATED[dependency] ?? dependency))
        .map((dependency) => `${name}: ${dependency}`);
    });
    expect(dead).toEqual([]);
    expect(packages.length).toBeGreaterThanOrEqual(13);
  });

  test('every package that is imported is declared', () => {
    expect(packages.flatMap(undeclared)).toEqual([]);
  });

  test('everything that the project is to be built on is there', () => {
    const declared = new Set(all.flatMap(({ dependencies, devDependencies }) => [...dependencies, ...devDependencies]));
    const wanted = [
      'nx',
      'zod',
      'ioredis',
      '@prisma/client',
      'pino',
      'opossum',
      'p-retry',
      'helmet',
      'express',
      'jsonwebtoken',
      'jest',
      'ts-jest',
    ];
    expect(wanted.filter((name) => !declared.has(name))).toEqual([]);
  });

  test('those that run are those that docs/adr/0011-dependencies.md gives a reason for', () => {
    const run = new Set(packages.flatMap(({ dependencies }) => dependencies).filter((name) => !workspace.has(name)));
    const rows = textOf('docs/adr/0011-dependencies.md')
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    const named = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
    expect([...named].sort()).toEqual([...run].sort());
  });

  test('every tool of the workspace is used', () => {
    const sources = packages.flatMap(({ folder }) => sourcesOf(folder)).map(({ text }) => text);
    const everything = `${CONFIGURATION}\n${sources.join('\n')}`;
    const tools = (root?.devDependencies ?? []).filter((name) => !isTypesOfUsed(name) && !isUsedTool(everything, name));
    expect(tools).toEqual([]);
  });

  test('are found in every form of import', () => {
    const dynamic = ['const e = await imp', "ort('e');"].join('');
    const text = `import { a } from '@x/y/z';\nimport 'b';\nexport * from 'c/d';\n${dynamic}\nimport {\n  f,\n} from 'f';\nimport './g';\n`;
    expect([...importedPackages(text)]).toEqual(['@x/y', 'b', 'c', 'e', 'f']);
    expect([packageOf('@x/y/z'), packageOf('a/b')]).toEqual(['@x/y', 'a']);
    expect([isNamedIn("resolve('jscpd/bin')", 'jscpd'), isNamedIn("'jscpd-report'", 'jscpd')]).toEqual([true, false]);
  });
});

/** `@types/x` is used where `x` is a dependency, and Node's everywhere. */
function isTypesOfUsed(name: string): boolean {
  if (!name.startsWith('@types/')) return false;
  const of = name.slice('@types/'.length);
  return of === 'node' || packages.some(({ dependencies }) => dependencies.includes(of));
}

/** Named in quotes or the first word of a script. The compiler and Node are used by others, without being named. */
function isUsedTool(text: string, name: string): boolean {
  const unnamed = new Set(['typescript', 'node']);
  return unnamed.has(name) || isNamedIn(text, name) || Object.values(scripts).some((script) => script.startsWith(`${name} `));
}
