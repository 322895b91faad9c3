/** One package at one version, as a lockfile has it. */
export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** undefined: the lockfile does not say. */
  readonly licence?: string;
  readonly installScript: boolean;
  /** Where it lies when installed, relative to the lockfile's folder; undefined: the lockfile does not say. */
  readonly folder?: string;
}
