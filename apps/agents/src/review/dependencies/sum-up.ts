import type { Dependencies, Manifest } from '../model.ts';
import { clip, tally } from '../tally.ts';
import { classifyLicence } from './licence-class.ts';
import type { LockedPackage } from './locked-package.ts';

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const idOf = ({ name, version }: LockedPackage): string => `${name}@${version}`;
const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

/** Ecosystems whose programs ought to come with a lockfile. */
const LOCKED_BY_CUSTOM: ReadonlySet<Manifest['ecosystem']> = new Set(['npm', 'rust', 'go']);

function severalVersions(packages: readonly LockedPackage[]): Dependencies['severalVersions'] {
  const versions = new Map<string, string[]>();
  for (const { name, version } of packages) versions.set(name, [...(versions.get(name) ?? []), version]);
  return [...versions]
    .filter(([, all]) => all.length > 1)
    .map(([name, all]) => ({ name: clip(name, 300), versions: all.sort(byText).map((one) => clip(one, 100)) }))
    .sort((a, b) => b.versions.length - a.versions.length || byText(a.name, b.name));
}

/**
 * The figures. A package at one version counts once, in however many places it lies. Licences are judged only where
 * some source states licences at all: a yarn.lock without installed packages knows none.
 */
export function sumUp(
  manifests: readonly Manifest[],
  locked: readonly LockedPackage[],
  directNames: ReadonlySet<string>,
  notes: readonly string[],
): Dependencies {
  const packages = [...new Map(locked.map((one) => [idOf(one), one])).values()].sort((a, b) => byText(idOf(a), idOf(b)));
  const licensed = packages.filter(({ licence }) => licence !== undefined);
  const judged = licensed.length === 0 ? [] : packages.filter(({ licence, folder }) => licence !== undefined || folder !== undefined);
  const several = severalVersions(packages);
  const scripts = packages.filter(({ installScript }) => installScript).map(idOf);
  const copyleft = judged.flatMap((one) => {
    const strength = classifyLicence(one.licence ?? '');
    return strength === 'weak' || strength === 'strong'
      ? [{ name: clip(idOf(one), 300), licence: clip(one.licence ?? '', 200), strength }]
      : [];
  });
  const strong = copyleft.filter(({ strength }) => strength === 'strong');
  const unlicensed = judged.filter(({ licence }) => classifyLicence(licence ?? '') === 'none').map((one) => clip(idOf(one), 400));
  const missing = manifests.filter(
    (one) => one.lockfile === null && one.direct + one.development > 0 && LOCKED_BY_CUSTOM.has(one.ecosystem),
  );
  const direct = sum(manifests.map((one) => one.direct));
  return {
    measured: manifests.length > 0 || packages.length > 0,
    notes: [
      ...notes,
      ...(packages.length > 0 && licensed.length === 0
        ? ['The lockfile states no licences and nothing is installed: licences are unknown.']
        : []),
    ].slice(0, 20),
    manifests: [...manifests],
    direct,
    development: sum(manifests.map((one) => one.development)),
    locked: packages.length,
    transitive: packages.filter(({ name }) => !directNames.has(name)).length,
    severalVersions: several.slice(0, 50).map(({ name, versions }) => ({ name, versions: versions.slice(0, 20) })),
    severalVersionsCount: several.length,
    licences: tally(judged.map(({ licence }) => clip(licence ?? 'none stated', 200)))
      .slice(0, 60)
      .map(({ name, count }) => ({ licence: name, count })),
    copyleft: [...strong, ...copyleft.filter(({ strength }) => strength === 'weak')].slice(0, 100),
    strongCopyleftCount: strong.length,
    weakCopyleftCount: copyleft.length - strong.length,
    unlicensed: unlicensed.slice(0, 100),
    unlicensedCount: unlicensed.length,
    installScripts: scripts.slice(0, 100).map((one) => clip(one, 400)),
    installScriptsCount: scripts.length,
    missingLockfiles: missing.slice(0, 100).map(({ path }) => path),
  };
}
