import { execFileSync, spawnSync } from 'node:child_process';
import { serviceError } from './service-error.ts';

/** Under which user Postgres runs. */
export interface UserIds {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Postgres refuses to run as root: then it runs as `postgres` if there is one, else as `nobody`. `undefined`: as ourselves. */
export function postgresUser(): UserIds | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const ids = lookUp(name);
    if (ids) return ids;
  }
  throw serviceError(
    'Postgres does not run as root, and this machine has neither a user `postgres` nor `nobody`. Create one (useradd --system postgres), start as an ordinary user, or set DATABASE_URL.',
  );
}

function lookUp(name: string): UserIds | undefined {
  try {
    const id = (flag: string): number =>
      Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
    const found = { name, uid: id('-u'), gid: id('-g') };
    return found.uid > 0 && found.gid > 0 ? found : undefined;
  } catch {
    return undefined;
  }
}

/** True if the user can enter the folder; asks the kernel, so that access lists count as well. */
export function canEnter(user: UserIds, folder: string): boolean {
  const { status } = spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { cwd: '/', uid: user.uid, gid: user.gid, stdio: 'ignore' });
  return status === 0;
}
