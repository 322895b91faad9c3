import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cliEnv, loadConfig, text } from '@mainstay/config';
import { AuthError, ValidationError } from '@mainstay/types';
import type { Io } from './io.ts';

const ADMIN_KEY_FILE = 'admin.key';
const WORKSPACE = fileURLToPath(new URL('../../../', import.meta.url));

/** The variables that the command line looks at, and what terminals and build servers say of themselves. */
const environment = cliEnv.pick({ MAINSTAY_URL: true, MAINSTAY_API_KEY: true, MAINSTAY_DATA_DIR: true }).extend({
  NO_COLOR: text().optional(),
  CI: text().optional(),
  TERM: text().optional(),
});

/** Options that every command has. */
export interface GlobalOptions {
  readonly url?: string;
  readonly key?: string;
  readonly json?: true;
  readonly color?: boolean;
  readonly quiet?: true;
}

export interface Settings {
  readonly url: string;
  /** Throws UNAUTHENTICATED when there is none. */
  readonly key: () => string;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly color: boolean;
  /** The display may redraw itself, and a person may be asked. */
  readonly live: boolean;
}

export function readSettings(io: Io, options: GlobalOptions): Settings {
  const env = loadConfig(environment, ...(io.env === undefined ? [] : [io.env]));
  const terminal = io.stdout.isTTY === true && env.TERM !== 'dumb';
  const json = options.json === true;
  const quiet = options.quiet === true;
  return {
    url: checkUrl(options.url ?? env.MAINSTAY_URL),
    key: () => options.key ?? env.MAINSTAY_API_KEY?.reveal() ?? adminKey(io.cwd, env.MAINSTAY_DATA_DIR),
    json,
    quiet,
    color: terminal && options.color !== false && env.NO_COLOR === undefined,
    live: terminal && !isCi(env.CI) && !json && !quiet,
  };
}

function isCi(value: string | undefined): boolean {
  return value !== undefined && value !== 'false' && value !== '0';
}

function checkUrl(url: string): string {
  const parsed = URL.parse(url);
  if (parsed !== null && ['http:', 'https:'].includes(parsed.protocol)) return `${parsed.origin}${parsed.pathname}`;
  throw new ValidationError('VALIDATION_FAILED', `--url must be an address such as http://127.0.0.1:3000, not ${JSON.stringify(url)}`);
}

/** The key that the first start wrote into the data folder. */
function adminKey(cwd: string, dataDir: string): string {
  const folders = isAbsolute(dataDir) ? [dataDir] : [resolve(cwd, dataDir), join(WORKSPACE, dataDir)];
  const files = [...new Set(folders.map((folder) => join(folder, ADMIN_KEY_FILE)))];
  const file = files.find((candidate) => existsSync(candidate));
  const hint = 'Give one with --key or MAINSTAY_API_KEY, or point MAINSTAY_DATA_DIR at the data folder of the platform.';
  if (file === undefined) {
    throw new AuthError('UNAUTHENTICATED', `There is no API key, and no admin key at ${files.join(' or ')}`, { details: { hint } });
  }
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new AuthError('UNAUTHENTICATED', `The admin key at ${file} cannot be read`, { cause: error, details: { hint } });
  }
}
