import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packAll, type Tarball } from './pack.ts';
import { manifestOf, PUBLISHED, ROOT } from './packages.ts';
import { run } from './run.ts';

jest.setTimeout(180_000);

/** An empty project beside no workspace, into which everything is installed. */
const project = mkdtempSync(join(tmpdir(), 'mainstay-published-'));
let tarballs: readonly Tarball[] = [];

/** Every path that can be imported: `@mainstay/utils/testing`. */
const entries = PUBLISHED.flatMap((folder) => {
  const { name, exports } = manifestOf(folder);
  return Object.keys(exports).map((path) => name + path.slice(1));
});
const TSC = [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', '.'];

/** As npm has it in its cache, which `npm ci` fills; only what is not there is asked of the registry. */
async function install(folder: string): Promise<void> {
  const options = ['--no-audit', '--no-fund', '--ignore-scripts', '--omit=peer'];
  try {
    await run('npm', ['install', '--offline', ...options], folder, 60_000);
  } catch {
    await run('npm', ['install', '--prefer-offline', ...options], folder, 150_000);
  }
}

/** What a consumer compiles with: strictly, resolved one way or the other. */
function writeConfig(resolution: 'nodenext' | 'bundler', files: readonly string[], skipLibCheck = false): void {
  const compilerOptions = {
    ...{
      target: 'es2024',
      lib: ['es2024', 'esnext.disposable'],
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      skipLibCheck,
    },
    ...{ module: resolution === 'bundler' ? 'preserve' : 'nodenext', moduleResolution: resolution, types: ['node'] },
  };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
}

/** Needs a test runner, which a consumer of it brings along. */
const CONTRACT = '@mainstay/transport/testing';

beforeAll(async () => {
  mkdirSync(join(project, 'tarballs'));
  tarballs = await packAll(join(project, 'tarballs'));
  const dependencies = Object.fromEntries(tarballs.map(({ name, file }) => [name, `file:${file}`]));
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module', dependencies }));
  await install(project);
});
afterAll(() => {
  rmSync(project, { recursive: true, force: true });
});

describe('the packages as npm delivers them', () => {
  test('are all that lie under packages/', () => {
    const folders = readdirSync(join(ROOT, 'packages'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('package.json') && !path.includes('node_modules') && !path.includes('dist'))
      .map((path) => join('packages', path, '..'));
    expect([...PUBLISHED].toSorted()).toEqual(folders.toSorted());
  });

  test('hold code, types and a README, and neither tests nor sources', () => {
    for (const { name, files } of tarballs) {
      expect([name, files.filter((path) => /\.test\.|^src|\.map$|tsbuildinfo/.test(path))]).toEqual([name, []]);
      expect(files).toEqual(expect.arrayContaining(['README.md', 'package.json', 'dist/index.js', 'dist/index.d.ts']));
      const codes = files.filter((path) => path.endsWith('.js')).map((path) => path.replace(/\.js$/, ''));
      const types = files.filter((path) => path.endsWith('.d.ts')).map((path) => path.replace(/\.d\.ts$/, ''));
      expect(codes.toSorted()).toEqual(types.toSorted());
    }
  });

  test('can be imported by every path that they export, and by no other', async () => {
    const importable = entries.filter((entry) => entry !== CONTRACT);
    const program = `
      const counts = {};
      for (const entry of ${JSON.stringify(importable)}) counts[entry] = Object.keys(await import(entry)).length;
      const deep = await import('@mainstay/utils/dist/retry.js').then(() => 'imported', (error) => error.code);
      console.log(JSON.stringify({ counts, deep }));`;
    const { counts, deep } = JSON.parse(await run(process.execPath, ['--input-type=module', '-e', program], project)) as {
      readonly counts: Readonly<Record<string, number>>;
      readonly deep: string;
    };
    expect(Object.keys(counts)).toEqual(importable);
    for (const entry of importable) expect([entry, (counts[entry] ?? 0) > 0]).toEqual([entry, true]);
    expect(deep).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });

  test('have types that a consumer compiles against strictly', async () => {
    const imports = entries
      .filter((entry) => entry !== CONTRACT)
      .map((entry, at) => `import * as m${String(at)} from '${entry}';\nvoid m${String(at)};`);
    writeFileSync(join(project, 'consumer.ts'), `${imports.join('\n')}\n${CONSUMER}`);
    writeConfig('nodenext', ['consumer.ts']);
    await run(process.execPath, TSC, project);
  });

  test('have them for bundlers as well, and a type that does not fit is noticed', async () => {
    writeFileSync(join(project, 'mistake.ts'), "import { createRetry } from '@mainstay/utils';\ncreateRetry({ maxAttempts: 'three' });\n");
    // the declarations themselves were checked above
    writeConfig('bundler', ['consumer.ts', 'mistake.ts'], true);
    const told = await run(process.execPath, TSC, project).catch((error: unknown) => String(error));
    expect(told.match(/error TS\d+/g)).toEqual(['error TS2322']);
    expect(told).toContain('mistake.ts');
  });

  test('run the examples of their READMEs there', async () => {
    const results = PUBLISHED.map(async (folder) => {
      const [, example = ''] = /^```ts\n([\s\S]*?)^```$/m.exec(readFileSync(join(ROOT, folder, 'README.md'), 'utf8')) ?? [];
      const file = `example-${folder.replaceAll('/', '-')}.ts`;
      writeFileSync(join(project, file), example);
      return [folder, (await run(process.execPath, ['--disable-warning=ExperimentalWarning', file], project, 60_000)) !== ''] as const;
    });
    expect(await Promise.all(results)).toEqual(PUBLISHED.map((folder) => [folder, true]));
  });
});

/** What a consumer might write. */
const CONSUMER = `
import { createHardening } from '@mainstay/hardening';
import { NetworkError } from '@mainstay/types';
import { createPolicy } from '@mainstay/utils';
const policy = createPolicy('weather', { retry: { baseMs: 10 } });
export const answer: Promise<number> = policy.execute(({ number }) => {
  if (number < 2) throw new NetworkError('busy');
  return number;
});
export const rate: Promise<string> = createHardening('production').execute('rates', ({ signal }) => String(signal.aborted));
`;
