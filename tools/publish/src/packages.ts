import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SourceManifest } from './published-manifest.ts';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Packages that others can install. */
export const PUBLISHED = [
  'packages/shared/types',
  'packages/shared/utils',
  'packages/shared/config',
  'packages/shared/observability',
  'packages/shared/lifecycle',
  'packages/shared/profiling',
  'packages/transport',
  'packages/hardening',
  'packages/agent',
  'packages/client',
  'packages/verify',
] as const;

/** Versions of what the workspace develops with. */
export function workspaceVersions(): Readonly<Record<string, string>> {
  const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    readonly devDependencies: Readonly<Record<string, string>>;
  };
  return devDependencies;
}

export function manifestOf(folder: string): SourceManifest {
  return JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as SourceManifest;
}
