import { describe, expect, test } from '@jest/globals';
import { classifyLicence, declaredLicence } from './licence-class.ts';
import { lockfileOf } from './lockfiles.ts';
import { manifestReader, readCargoToml, readGoMod, readPackageJson, readPyproject, readRequirements } from './manifests.ts';
import { readNpmLock } from './npm-lock.ts';
import { readGoSum, readPnpmLock, readTomlLock, readYarnLock } from './other-locks.ts';

const ids = (packages: readonly { readonly name: string; readonly version: string }[]): string[] =>
  packages.map(({ name, version }) => `${name}@${version}`);

describe('classifyLicence', () => {
  test.each([
    ['MIT', 'permissive'],
    ['Apache-2.0 WITH LLVM-exception', 'permissive'],
    ['(MIT OR GPL-3.0-only)', 'permissive'],
    ['MIT AND GPL-2.0', 'strong'],
    ['GPL-2.0 OR MIT AND MPL-2.0', 'weak'],
    ['(GPL-2.0 OR MIT) AND MPL-2.0', 'weak'],
    ['AGPL-3.0-or-later', 'strong'],
    ['GPL-2.0-only WITH Classpath-exception-2.0', 'strong'],
    ['LGPL-2.1', 'weak'],
    ['UNLICENSED', 'none'],
    ['', 'none'],
    ['SEE LICENSE IN terms.txt', 'unknown'],
    ['MIT OR', 'permissive'],
    ['((((', 'none'],
    ['MIT)', 'permissive'],
  ])('%s is %s', (expression, found) => {
    expect(classifyLicence(expression)).toBe(found);
  });

  test('an endless expression is read in bounded time', () => {
    expect(classifyLicence('('.repeat(20_000))).toBe('none');
    expect(classifyLicence(Array.from({ length: 20_000 }, () => 'MIT').join(' AND '))).toBe('permissive');
  });
});

describe('declaredLicence', () => {
  test.each([
    ['MIT', 'MIT'],
    [{ type: 'ISC', url: 'x' }, 'ISC'],
    [[{ type: 'MIT' }, { type: 'GPL-2.0' }], '(MIT OR GPL-2.0)'],
    [[{ type: 'MIT' }], 'MIT'],
    ['  ', undefined],
    [undefined, undefined],
    [{}, undefined],
    [[], undefined],
    [7, undefined],
  ])('%j is %s', (value, licence) => {
    expect(declaredLicence(value)).toBe(licence);
  });
});

describe('lockfiles', () => {
  test('package-lock.json 3: names, versions, licences and scripts; no workspaces, no links', () => {
    const found = readNpmLock(
      JSON.stringify({
        lockfileVersion: 3,
        packages: {
          '': { name: 'root', version: '1.0.0' },
          'packages/own': { version: '1.0.0' },
          'node_modules/own': { link: true, resolved: 'packages/own' },
          'node_modules/a': { version: '1.0.0', license: 'MIT' },
          'node_modules/a/node_modules/@s/b': { version: '2.0.0', hasInstallScript: true },
        },
      }),
    );
    expect(found).toEqual([
      { name: 'a', version: '1.0.0', licence: 'MIT', installScript: false, folder: 'node_modules/a' },
      { name: '@s/b', version: '2.0.0', installScript: true, folder: 'node_modules/a/node_modules/@s/b' },
    ]);
  });

  test('package-lock.json 1: the tree is flattened', () => {
    const text = JSON.stringify({ dependencies: { a: { version: '1.0.0', dependencies: { b: { version: '2.0.0' } } } } });
    expect(readNpmLock(text).map(({ name, folder }) => [name, folder])).toEqual([
      ['a', 'node_modules/a'],
      ['b', 'node_modules/a/node_modules/b'],
    ]);
  });

  test.each(['', 'x', '[]', '{"packages":7}', '{"packages":{"node_modules/a":{"version":1}}}'])('%j is no package-lock.json', (text) => {
    expect(() => readNpmLock(text)).toThrow();
  });

  test('yarn.lock, classic and berry', () => {
    const classic =
      '# comment\n\n"@s/a@^1.0.0", "@s/a@~1.0.0":\n  version "1.0.2"\n  resolved "x"\n\nb@*:\n  version "2.0.0"\n  dependencies:\n    version "9"\n';
    const berry = '__metadata:\n  version: 8\n\n"@s/a@npm:^1.0.0":\n  version: 1.0.2\n\n"own@workspace:.":\n  version: 0.0.0-use.local\n';
    expect(ids(readYarnLock(classic))).toEqual(['@s/a@1.0.2', 'b@2.0.0']);
    expect(ids(readYarnLock(berry))).toEqual(['@s/a@1.0.2']);
  });

  test('pnpm-lock.yaml of several versions', () => {
    const text =
      "lockfileVersion: '9.0'\n\npackages:\n\n  '@s/a@1.0.0':\n    resolution: {}\n\n  /b/2.0.0:\n    dev: true\n\n  /c@3.0.0(d@1.0.0):\n    x: y\n\nsnapshots:\n\n  e@5.0.0: {}\n";
    expect(ids(readPnpmLock(text))).toEqual(['@s/a@1.0.0', 'b@2.0.0', 'c@3.0.0']);
  });

  test('Cargo.lock and poetry.lock', () => {
    expect(
      ids(
        readTomlLock(
          'version = 3\n\n[[package]]\nname = "a"\nversion = "1.0.0"\n\n[[package]]\nname = "b"\nversion = "2.0.0"\ndependencies = []\n',
        ),
      ),
    ).toEqual(['a@1.0.0', 'b@2.0.0']);
  });

  test('go.sum', () => {
    expect(ids(readGoSum('x.org/a v1.0.0 h1:x=\nx.org/a v1.0.0/go.mod h1:y=\n\n'))).toEqual(['x.org/a@v1.0.0']);
  });

  test('a manifest goes by the nearest lockfile of its ecosystem in its folder or above', () => {
    const locks = ['package-lock.json', 'apps/a/yarn.lock', 'apps/a/Cargo.lock', 'other/package-lock.json'];
    expect(lockfileOf('apps/a/package.json', 'npm', locks)).toBe('apps/a/yarn.lock');
    expect(lockfileOf('apps/b/package.json', 'npm', locks)).toBe('package-lock.json');
    expect(lockfileOf('apps/b/Cargo.toml', 'rust', locks)).toBeNull();
    expect(lockfileOf('apps/ab/Cargo.toml', 'rust', ['apps/a/Cargo.lock'])).toBeNull();
  });
});

describe('manifests', () => {
  test('package.json, whatever shape its parts have', () => {
    const text = JSON.stringify({
      name: 'n',
      dependencies: { a: '1' },
      optionalDependencies: { a: '1', o: '1' },
      devDependencies: { d: '1' },
      engines: { node: '>=20' },
    });
    expect(readPackageJson(text)).toEqual({ ecosystem: 'npm', name: 'n', direct: ['a', 'o'], development: ['d'], runtime: 'node >=20' });
    expect(readPackageJson('{"name":7,"dependencies":[],"engines":"x"}')).toMatchObject({ name: null, direct: [], runtime: null });
  });

  test('requirements.txt', () => {
    expect(readRequirements('# x\nDjango==4.2\n-r other.txt\n\nrequests[security]>=2 # y\n  zope.interface\n').direct).toEqual([
      'Django',
      'requests',
      'zope.interface',
    ]);
  });

  test('pyproject.toml', () => {
    const text =
      '[build-system]\nrequires = ["hatchling"]\n\n[project]\nname = "p"\nrequires-python = ">=3.10"\ndependencies = [\n  "a[x]>=1",\n  \'b\',\n]\n\n[tool.x]\nname = "other"\n';
    expect(readPyproject(text)).toMatchObject({ name: 'p', direct: ['a', 'b'], runtime: 'python >=3.10' });
    expect(readPyproject('[tool.poetry]\nname = "q"\n')).toMatchObject({ name: null, direct: [] });
  });

  test('go.mod', () => {
    const text =
      'module x.org/m\n\ngo 1.22\n\nrequire x.org/a v1.0.0\n\nrequire (\n\tx.org/b v2.0.0\n\tx.org/c v3.0.0 // indirect\n)\n\nreplace (\n\tx.org/d v1.0.0 => ../d\n)\n';
    expect(readGoMod(text)).toMatchObject({ name: 'x.org/m', direct: ['x.org/a', 'x.org/b'], runtime: 'go 1.22' });
  });

  test('Cargo.toml', () => {
    const text =
      '[package]\nname = "c"\nrust-version = "1.70"\n\n[dependencies]\na = "1"\nb.workspace = true\n\n[dependencies.d]\nversion = "1"\n\n[dev-dependencies]\ne = "1"\n';
    expect(readCargoToml(text)).toMatchObject({ name: 'c', direct: ['a', 'b', 'd'], development: ['e'], runtime: 'rust 1.70' });
  });

  test('are known by name', () => {
    expect(['package.json', 'a/requirements-dev.txt', 'requirements.txt'].map((path) => manifestReader(path) !== undefined)).toEqual([
      true,
      true,
      true,
    ]);
    expect(['a/mypackage.json', 'notes.txt', 'go.sum'].map((path) => manifestReader(path))).toEqual([undefined, undefined, undefined]);
  });
});
