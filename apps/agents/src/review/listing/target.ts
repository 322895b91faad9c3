import { access, constants, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute } from 'node:path';
import { AgentError } from '@mainstay/types';
import { git } from './git.ts';

/** What is to be reviewed, found out once per stage. */
export interface Target {
  /** The folder, or the folder that holds the single file. Absolute, symbolic links resolved. */
  readonly root: string;
  /** Set when a single file is reviewed: its name within `root`. */
  readonly only?: string;
  /** For titles. */
  readonly name: string;
  /** Listed and dated through git. */
  readonly git: boolean;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist on the machine where the agent runs; check the spelling',
  ENOTDIR: 'leads through something that is not a folder; check the spelling',
  EACCES: 'may not be read by the user that the agent runs as; change its permissions or review a copy',
  EPERM: 'may not be read by the user that the agent runs as; change its permissions or review a copy',
  ELOOP: 'is a loop of symbolic links; name the real folder',
  ENAMETOOLONG: 'is longer than the file system allows; check the spelling',
};

function rejected(path: string, why: string, cause?: unknown): AgentError {
  return new AgentError('AGENT_REJECTED', `The path ${JSON.stringify(path)} ${why}.`, { details: { path }, cause });
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

async function gitState(root: string, signal: AbortSignal): Promise<'work-tree' | 'bare' | 'none'> {
  try {
    const { exitCode, stdout } = await git({ cwd: root, args: ['rev-parse', '--is-bare-repository', '--is-inside-work-tree'], signal });
    if (exitCode !== 0) return 'none';
    const [bare, inside] = stdout.trim().split('\n');
    if (inside === 'true') return 'work-tree';
    return bare === 'true' ? 'bare' : 'none';
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof AgentError && error.disposition === 'terminal') return 'none';
    throw error;
  }
}

/** Looks at `path`; throws AGENT_REJECTED (terminal) when it cannot be reviewed, saying why and what to do. */
export async function resolveTarget(path: string, signal: AbortSignal): Promise<Target> {
  if (!isAbsolute(path)) throw rejected(path, 'is relative; give an absolute path');
  if (path.includes('\0')) throw rejected(path, 'contains a NUL character; check the spelling');
  try {
    const real = await realpath(path);
    const facts = await stat(real);
    if (!facts.isDirectory() && !facts.isFile()) throw rejected(path, 'is neither a folder nor a regular file; name one of these');
    await access(real, facts.isDirectory() ? constants.R_OK | constants.X_OK : constants.R_OK);
    const root = facts.isDirectory() ? real : dirname(real);
    const state = await gitState(root, signal);
    if (state === 'bare' && facts.isDirectory())
      throw rejected(path, 'is a bare git repository without files; clone it and review the clone');
    const name = basename(real) === '' ? real : basename(real);
    return { root, name, git: state === 'work-tree', ...(facts.isFile() ? { only: basename(real) } : {}) };
  } catch (error) {
    const why = REASONS[codeOf(error)];
    if (error instanceof AgentError || why === undefined) throw error;
    throw rejected(path, why, error);
  }
}
