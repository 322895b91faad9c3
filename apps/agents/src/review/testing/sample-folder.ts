import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Work } from '../work.ts';

const execute = promisify(execFile);

/** A folder with files for one test; `await using` removes it. */
export interface SampleFolder extends AsyncDisposable {
  readonly path: string;
  readonly write: (files: Readonly<Record<string, string | Uint8Array>>) => Promise<void>;
  /** Runs git in the folder as a fixed author. */
  readonly git: (...args: readonly string[]) => Promise<string>;
  /** Commits everything. */
  readonly commit: (message: string, author?: string) => Promise<void>;
}

export async function sampleFolder(files: Readonly<Record<string, string | Uint8Array>> = {}): Promise<SampleFolder> {
  const path = await mkdtemp(join(tmpdir(), 'review-sample-'));
  const write: SampleFolder['write'] = async (entries) => {
    for (const [name, content] of Object.entries(entries)) {
      await mkdir(dirname(join(path, name)), { recursive: true });
      await writeFile(join(path, name), content);
    }
  };
  const git: SampleFolder['git'] = async (...args) => {
    const { stdout } = await execute(
      'git',
      ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', '-c', 'init.defaultBranch=main', ...args],
      {
        cwd: path,
        env: { PATH: process.env['PATH'], HOME: path, GIT_CONFIG_NOSYSTEM: '1' },
      },
    );
    return stdout;
  };
  await write(files);
  return {
    path,
    write,
    git,
    commit: async (message, author = 'Ada <ada@example.org>') => {
      await git('add', '-A');
      await git('commit', '-q', `--author=${author}`, '-m', message);
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** Work that nobody stops; `said` collects its progress. */
export function sampleWork(): Work & { readonly said: { readonly fraction: number; readonly note: string }[] } {
  const said: { readonly fraction: number; readonly note: string }[] = [];
  return {
    signal: new AbortController().signal,
    said,
    progress: (fraction, note) => {
      said.push({ fraction, note });
    },
  };
}
