import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { completed, importedPackages } from './imports.ts';
import { manifestOf, ROOT, workspaceVersions } from './packages.ts';
import { publishedManifest } from './published-manifest.ts';

const SHIPPED = /\.(?:js|d\.ts)$/;
const TEST = /\.test\.|[/\\]spec[/\\]/;

/** Puts a built package as the registry gets it into a folder of its own below `target`; returns that folder. */
export function stage(folder: string, target: string): string {
  const source = manifestOf(folder);
  const staged = join(target, source.name.replace('/', '+'));
  mkdirSync(join(staged, 'dist'), { recursive: true });
  const [code, types] = [new Set<string>(), new Set<string>()];
  const built = join(ROOT, folder, 'dist');
  for (const name of readdirSync(built, { recursive: true, encoding: 'utf8' })) {
    // what was built of sources that are gone is not delivered
    const original = join(ROOT, folder, 'src', name.replace(SHIPPED, '.ts'));
    if (!SHIPPED.test(name) || TEST.test(name) || !existsSync(original)) continue;
    mkdirSync(join(staged, 'dist', name, '..'), { recursive: true });
    const text = shipped(readFileSync(join(built, name), 'utf8'));
    for (const imported of importedPackages(text)) (name.endsWith('.d.ts') ? types : code).add(imported);
    writeFileSync(join(staged, 'dist', name), text);
  }
  const added = completed({ dependencies: { ...source.dependencies, [source.name]: '' }, code, types, workspace: workspaceVersions() });
  writeFileSync(join(staged, 'package.json'), `${JSON.stringify(publishedManifest(source, added), undefined, 2)}\n`);
  cpSync(join(ROOT, folder, 'README.md'), join(staged, 'README.md'));
  return staged;
}

/** Declarations name sources where the build has left them so; maps of sources that are not delivered lead nowhere. */
export function shipped(text: string): string {
  return text
    .replaceAll(/((?:from|import)\s*\(?\s*['"]\.{1,2}\/[^'"]+)\.ts(?=['"])/g, '$1.js')
    .replaceAll(/^\/\/# sourceMappingURL=.*$\n?/gm, '');
}
