import { readFileSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cliEnv, loadConfig, orchestratorEnv } from '@mainstay/config';
import { ValidationError } from '@mainstay/types';
import { z } from 'zod';
import type { Io } from './io.ts';

const WORKSPACE = fileURLToPath(new URL('../../../', import.meta.url));
/** Where `npm start` remembers the Postgres that it runs, beneath the data folder. */
const STATE_FILE = join('services', 'state.json');

const environment = cliEnv.pick({ MAINSTAY_DATA_DIR: true }).extend({ DATABASE_URL: orchestratorEnv.shape.DATABASE_URL.optional() });
const stateSchema = z.object({ postgres: z.object({ port: z.number(), password: z.string() }) });

/**
 * Address of the database that a command reads directly: as given, that of the environment, or that of `npm start` on this machine.
 * Throws VALIDATION_FAILED when there is none.
 */
export function databaseAddress(io: Pick<Io, 'cwd' | 'env'>, given: string | undefined): string {
  if (given !== undefined) return checked(given);
  const env = loadConfig(environment, ...(io.env === undefined ? [] : [io.env]));
  return env.DATABASE_URL ?? ownServer(io.cwd, env.MAINSTAY_DATA_DIR);
}

function checked(url: string): string {
  if (['postgres:', 'postgresql:'].includes(URL.parse(url)?.protocol ?? '')) return url;
  throw new ValidationError('VALIDATION_FAILED', '--database must be an address such as postgres://user:password@host:5432/database');
}

function ownServer(cwd: string, dataDir: string): string {
  const folders = isAbsolute(dataDir) ? [dataDir] : [resolve(cwd, dataDir), join(WORKSPACE, dataDir)];
  for (const folder of folders) {
    const state = readState(join(folder, STATE_FILE));
    if (state !== undefined) return `postgresql://mainstay:${state.password}@127.0.0.1:${String(state.port)}/mainstay`;
  }
  throw new ValidationError('VALIDATION_FAILED', 'Say which database: with --database, DATABASE_URL, or MAINSTAY_DATA_DIR of an npm start');
}

function readState(file: string): { readonly port: number; readonly password: string } | undefined {
  try {
    return stateSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).postgres;
  } catch {
    return undefined;
  }
}
