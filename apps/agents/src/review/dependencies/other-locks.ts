import type { LockedPackage } from './locked-package.ts';

/** Longer lines are no package names: reading stays linear whatever the file holds. */
const MAX_LINE = 4000;

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line.length <= MAX_LINE);

const locked = (name: string, version: string): LockedPackage => ({ name, version, installScript: false });

/** yarn.lock, classic and berry: a heading with specifiers, then an indented version. */
export function readYarnLock(text: string): LockedPackage[] {
  const found: LockedPackage[] = [];
  let name: string | undefined;
  for (const line of linesOf(text)) {
    if (/^\S.*:\s*$/.test(line) && !line.startsWith('#')) {
      const [, heading] = /^"?(@?[^@"\s,]+)@/.exec(line) ?? [];
      name = line.includes('@workspace:') ? undefined : heading;
    } else if (name !== undefined) {
      const [, version] = /^ {2}version:? "?([^"\s]+)"?/.exec(line) ?? [];
      if (version !== undefined) {
        found.push(locked(name, version));
        name = undefined;
      }
    }
  }
  return found;
}

/** The `packages` section of pnpm-lock.yaml, of any version: `/name@1.0.0`, `/name/1.0.0`, `'@scope/name@1.0.0'`. */
export function readPnpmLock(text: string): LockedPackage[] {
  const found: LockedPackage[] = [];
  let inside = false;
  for (const line of linesOf(text)) {
    if (/^\S/.test(line)) inside = line.startsWith('packages:');
    else if (inside) {
      const [, name, version] = /^ {2}['"]?\/?((?:@[^/@\s]+\/)?[^/@\s'"]+)[@/]([^\s'"():]+)(?:\([^:]*)?['"]?:\s*$/.exec(line) ?? [];
      if (name !== undefined && version !== undefined) found.push(locked(name, version));
    }
  }
  return found;
}

/** Lockfiles with `[[package]]` tables: Cargo.lock, poetry.lock, uv.lock. */
export function readTomlLock(text: string): LockedPackage[] {
  return text
    .split('[[package]]')
    .slice(1)
    .flatMap((table) => {
      const [, name] = /^name = "([^"]+)"/m.exec(table) ?? [];
      const [, version] = /^version = "([^"]+)"/m.exec(table) ?? [];
      return name === undefined || version === undefined ? [] : [locked(name, version)];
    });
}

/** go.sum: a line per module and version; lines for go.mod files alone do not count. */
export function readGoSum(text: string): LockedPackage[] {
  return linesOf(text).flatMap((line) => {
    const [name = '', version = ''] = line.split(' ');
    return name === '' || version === '' || version.endsWith('/go.mod') ? [] : [locked(name, version)];
  });
}
