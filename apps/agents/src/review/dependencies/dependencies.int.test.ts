import { describe, expect, jest, test } from '@jest/globals';
import { dependenciesOutput } from '../model.ts';
import { sampleFolder, sampleWork } from '../testing/sample-folder.ts';
import { dependencies } from './dependencies.ts';

/** Real processes on a machine that may be busy. */
jest.setTimeout(60_000);

const json = (value: unknown): string => JSON.stringify(value);

describe('dependencies', () => {
  test('adds up a workspace with a mix of licences', async () => {
    await using folder = await sampleFolder({
      'package.json': json({ name: 'root', devDependencies: { tool: '1' }, engines: { node: '>=20' } }),
      'packages/own/package.json': json({ name: 'own', dependencies: { a: '1', other: '1' } }),
      'packages/other/package.json': json({ name: 'other', dependencies: { gpl: '1' } }),
      'test/fixture/package.json': json({ name: 'fixture', dependencies: { ignored: '1' } }),
      'package-lock.json': json({
        lockfileVersion: 3,
        packages: {
          'node_modules/a': { version: '1.0.0', license: 'MIT' },
          'node_modules/tool/node_modules/a': { version: '2.0.0', license: 'MIT' },
          'node_modules/tool': { version: '1.0.0', license: 'MPL-2.0', hasInstallScript: true },
          'node_modules/gpl': { version: '1.0.0', license: 'GPL-3.0' },
          'node_modules/installed': { version: '1.0.0' },
          'node_modules/nothing': { version: '1.0.0' },
        },
      }),
      'node_modules/installed/package.json': json({ license: { type: 'BSD-3-Clause' } }),
    });
    const found = dependenciesOutput.parse(await dependencies({ path: folder.path }, sampleWork()));
    expect(found).toMatchObject({
      measured: true,
      direct: 2,
      development: 1,
      locked: 6,
      transitive: 2,
      severalVersions: [{ name: 'a', versions: ['1.0.0', '2.0.0'] }],
      licences: [
        { licence: 'MIT', count: 2 },
        { licence: 'BSD-3-Clause', count: 1 },
        { licence: 'GPL-3.0', count: 1 },
        { licence: 'MPL-2.0', count: 1 },
        { licence: 'none stated', count: 1 },
      ],
      copyleft: [
        { name: 'gpl@1.0.0', strength: 'strong' },
        { name: 'tool@1.0.0', strength: 'weak' },
      ],
      unlicensed: ['nothing@1.0.0'],
      installScripts: ['tool@1.0.0'],
      missingLockfiles: [],
    });
    expect(found.manifests.map(({ path, lockfile }) => [path, lockfile])).toEqual([
      ['package.json', 'package-lock.json'],
      ['packages/other/package.json', 'package-lock.json'],
      ['packages/own/package.json', 'package-lock.json'],
    ]);
  });

  test('a manifest without a lockfile is named', async () => {
    await using folder = await sampleFolder({
      'package.json': json({ dependencies: { a: '1' } }),
      'tool/package.json': json({ name: 'nothing-needed' }),
    });
    expect(await dependencies({ path: folder.path }, sampleWork())).toMatchObject({ missingLockfiles: ['package.json'], licences: [] });
  });

  test('a lockfile cannot make it read outside the target', async () => {
    await using outside = await sampleFolder({ 'package.json': json({ license: 'LEAKED' }) });
    const up = `${'../'.repeat(12)}${outside.path.slice(1)}`;
    await using folder = await sampleFolder({
      'package-lock.json': json({
        packages: {
          [`node_modules/${up}`]: { version: '1.0.0' },
          'node_modules/known': { version: '1.0.0', license: 'MIT' },
        },
      }),
    });
    const found = await dependencies({ path: folder.path }, sampleWork());
    expect(found.locked).toBe(2);
    expect(json(found.licences)).not.toContain('LEAKED');
  });

  test('what cannot be read is noted and the rest goes on', async () => {
    await using folder = await sampleFolder({
      'package.json': '{"name":',
      'go.mod': 'module x\n\nrequire a.org/b v1.0.0\n',
      'package-lock.json': '{"packages":{"x":7}}',
    });
    const found = await dependencies({ path: folder.path }, sampleWork());
    expect(found.notes).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^package\.json could not be read/),
        expect.stringMatching(/^package-lock\.json could not be read: .* at packages\.x$/),
      ]),
    );
    expect(found).toMatchObject({ direct: 1, manifests: [{ path: 'go.mod' }] });
  });

  test('licences that nobody states are unknown, not missing', async () => {
    await using folder = await sampleFolder({
      'package.json': json({ dependencies: { a: '1' } }),
      'yarn.lock': 'a@1:\n  version "1.0.0"\n',
    });
    const found = await dependencies({ path: folder.path }, sampleWork());
    expect(found).toMatchObject({ locked: 1, unlicensedCount: 0, licences: [] });
    expect(found.notes).toEqual([expect.stringMatching(/licences are unknown/)]);
  });

  test('a folder without manifests is not measured', async () => {
    await using folder = await sampleFolder({ 'a.c': 'int main;\n' });
    expect(await dependencies({ path: folder.path }, sampleWork())).toMatchObject({ measured: false, direct: 0 });
  });
});
