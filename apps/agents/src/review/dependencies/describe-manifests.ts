import type { Manifest } from '../model.ts';
import { clip } from '../tally.ts';
import { lockfileOf } from './lockfiles.ts';
import type { ManifestFacts } from './manifests.ts';

/** Manifests with their lockfiles. Dependencies on one another (workspaces) are no dependencies on anybody else. */
export function describeManifests(
  read: readonly { readonly path: string; readonly facts: ManifestFacts }[],
  lockPaths: readonly string[],
): Manifest[] {
  const own = new Set(read.flatMap(({ facts }) => facts.name ?? []));
  const foreign = (names: readonly string[]): number => names.filter((name) => !own.has(name)).length;
  return read.map(({ path, facts }) => ({
    path,
    ecosystem: facts.ecosystem,
    name: facts.name === null ? null : clip(facts.name, 300),
    direct: foreign(facts.direct),
    development: foreign(facts.development),
    lockfile: lockfileOf(path, facts.ecosystem, lockPaths),
    runtime: facts.runtime === null ? null : clip(facts.runtime, 300),
  }));
}
