import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Sets how many files and connections a process may have open; those that are open stay. Gives the limit that it had; undefined
 * when the process is gone.
 */
export async function limitHandles(pid: number, handles: number): Promise<number | undefined> {
  const before = await limitOf(pid);
  if (before === undefined) return undefined;
  return await run('prlimit', [`--pid=${String(pid)}`, `--nofile=${String(handles)}:`]).then(
    () => before,
    () => undefined,
  );
}

/** Whether this machine can do it (Linux, with the program prlimit). */
export async function canLimitHandles(): Promise<boolean> {
  return await run('prlimit', [`--pid=${String(process.pid)}`, '--nofile']).then(
    () => true,
    () => false,
  );
}

async function limitOf(pid: number): Promise<number | undefined> {
  const limits = await readFile(`/proc/${String(pid)}/limits`, 'utf8').catch(() => '');
  const [, soft] = /^Max open files\s+(\d+)/m.exec(limits) ?? [];
  return soft === undefined ? undefined : Number(soft);
}
