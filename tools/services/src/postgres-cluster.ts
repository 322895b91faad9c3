import { spawn } from 'node:child_process';
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { PostgresPrograms } from './postgres-files.ts';
import type { UserIds } from './postgres-user.ts';
import { serverEnvironment } from './server-process.ts';
import { serviceError } from './service-error.ts';

/** The superuser of every embedded cluster. */
export const SUPERUSER = 'mainstay';
const MAJOR_VERSION = '18';

/** Where a cluster is to be, and whose it is. */
export interface ClusterOptions {
  readonly programs: PostgresPrograms;
  readonly dataFolder: string;
  readonly password: string;
  readonly user: UserIds | undefined;
}

/**
 * Makes a database cluster in `dataFolder` unless one is there; true if it was made now. It is made under another name and renamed
 * when complete, so that a kill in between leaves no half cluster.
 */
export async function ensureCluster(options: ClusterOptions): Promise<boolean> {
  const version = await readFile(join(options.dataFolder, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (version !== undefined) {
    checkVersion(version.trim(), options.dataFolder);
    return false;
  }
  const half = `${options.dataFolder}.new`;
  const passwordFile = join(dirname(options.dataFolder), 'initdb.password');
  await rm(half, { recursive: true, force: true });
  await rm(passwordFile, { force: true });
  await mkdir(dirname(half), { recursive: true });
  try {
    await writeFile(passwordFile, `${options.password}\n`, { mode: 0o600 });
    if (options.user) await chown(passwordFile, options.user.uid, options.user.gid);
    await initdb(options, half, passwordFile);
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(half, options.dataFolder);
  return true;
}

function checkVersion(version: string, dataFolder: string): void {
  if (version === MAJOR_VERSION) return;
  throw serviceError(
    `The data in ${dataFolder} was written by Postgres ${version}, this is Postgres ${MAJOR_VERSION}. Move the folder away, or set DATABASE_URL to a Postgres ${version}.`,
    { found: version, needed: MAJOR_VERSION },
  );
}

function initdb(options: ClusterOptions, folder: string, passwordFile: string): Promise<void> {
  const args = [
    `--pgdata=${folder}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    '--no-instructions',
  ];
  const child = spawn(options.programs.initdb, args, {
    cwd: '/',
    env: serverEnvironment(process.env, { LC_ALL: 'C' }),
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.user ? { uid: options.user.uid, gid: options.user.gid } : {}),
  });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-4_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(serviceError(`initdb failed (exit code ${String(code)}): ${output.trim()}. Mend that, or set DATABASE_URL.`, { folder }));
    });
  });
}
