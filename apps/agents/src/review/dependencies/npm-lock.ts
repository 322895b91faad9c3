import { z } from 'zod';
import { declaredLicence } from './licence-class.ts';
import type { LockedPackage } from './locked-package.ts';

const entry = z.looseObject({
  version: z.string().optional(),
  link: z.boolean().optional(),
  license: z.unknown().optional(),
  hasInstallScript: z.boolean().optional(),
});
interface OldEntry {
  readonly version?: string | undefined;
  readonly dependencies?: Readonly<Record<string, OldEntry>> | undefined;
}
const oldEntry: z.ZodType<OldEntry> = z.lazy(() =>
  z.object({ version: z.string().optional(), dependencies: z.record(z.string(), oldEntry).optional() }),
);
const lock = z.object({ packages: z.record(z.string(), entry).optional(), dependencies: z.record(z.string(), oldEntry).optional() });

const MARK = 'node_modules/';

function fromPackages(packages: Readonly<Record<string, z.infer<typeof entry>>>): LockedPackage[] {
  return Object.entries(packages).flatMap(([folder, { version, link, license, hasInstallScript }]) => {
    const mark = folder.lastIndexOf(MARK);
    if (mark < 0 || link === true || version === undefined) return [];
    const licence = declaredLicence(license);
    const locked = { name: folder.slice(mark + MARK.length), version, installScript: hasInstallScript === true, folder };
    return [licence === undefined ? locked : { ...locked, licence }];
  });
}

function fromTree(tree: Readonly<Record<string, OldEntry>>, parent = ''): LockedPackage[] {
  return Object.entries(tree).flatMap(([name, { version, dependencies }]) => {
    const folder = `${parent}${MARK}${name}`;
    return [
      ...(version === undefined ? [] : [{ name, version, installScript: false, folder }]),
      ...(dependencies === undefined ? [] : fromTree(dependencies, `${folder}/`)),
    ];
  });
}

/** Packages of a package-lock.json of any version; workspaces and links do not count. Throws when it is not one. */
export function readNpmLock(text: string): LockedPackage[] {
  const { packages, dependencies } = lock.parse(JSON.parse(text));
  return packages === undefined ? fromTree(dependencies ?? {}) : fromPackages(packages);
}
