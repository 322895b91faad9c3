import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Environment, REPOSITORY } from './settings.ts';

/** Where to run the sample review. */
export interface ReviewTarget {
  readonly dataDir: string;
  readonly url: string;
  readonly adminKey: string;
  readonly env: Environment;
}

/** On the first start in a data folder: reviews this repository through the command line, with its progress in our terminal. */
export async function firstReview({ dataDir, url, adminKey, env }: ReviewTarget, signal: AbortSignal): Promise<void> {
  const marker = join(dataDir, 'first-review.done');
  if (existsSync(marker)) return;
  console.log('\nFirst start: reviewing this repository as a sample\n');
  const code = await run(
    ['review', REPOSITORY, '--yes'],
    { PATH: env['PATH'], HOME: env['HOME'], TERM: env['TERM'], NO_COLOR: env['NO_COLOR'], MAINSTAY_URL: url, MAINSTAY_API_KEY: adminKey },
    signal,
  );
  if (signal.aborted) return;
  writeFileSync(marker, `${new Date().toISOString()}\n`);
  if (code !== 0)
    console.error(
      `The sample review ended with exit code ${String(code)}; the platform goes on serving. Repeat it with: npx mainstay review .`,
    );
}

function run(args: readonly string[], env: Environment, signal: AbortSignal): Promise<number> {
  const program = join(REPOSITORY, 'apps', 'cli', 'bin', 'mainstay.mjs');
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...env },
    cwd: REPOSITORY,
  });
  const onAbort = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', onAbort, { once: true });
  return new Promise((resolve) => {
    child.once('error', () => {
      resolve(127);
    });
    child.once('exit', (code) => {
      signal.removeEventListener('abort', onAbort);
      resolve(code ?? 1);
    });
  });
}
