import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';

export interface ProgramOptions {
  readonly file: string;
  readonly args: readonly string[];
  /** The complete environment but for PATH and HOME, which are ours. */
  readonly env: Readonly<Record<string, string>>;
  /** Takes what it writes; added to what is there. */
  readonly logFile: string;
  readonly cwd?: string;
  /** Gets the lines of its standard output instead of the log. */
  readonly onLine?: (line: string) => void;
}

/** Descriptor of a pipe whose end tells one of Mainstay's processes that its parent is gone. */
export const PARENT_FD = 3;

/** A process that we started; it is killed when we exit. */
export interface ChildProgram {
  readonly pid: number;
  /** Fulfilled when it has ended, with its exit code or the signal's name. */
  readonly ended: Promise<number | NodeJS.Signals>;
  readonly running: boolean;
  /** Sends the signal, and SIGKILL 20 seconds later; fulfilled when it has ended. */
  end(signal: NodeJS.Signals): Promise<void>;
}

/** Arguments of Node that make a process write its CPU profile into the folder when it ends; none without a folder. */
export function profileArgs(folder: string | undefined, name: string): readonly string[] {
  return folder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${name}.cpuprofile`];
}

const KILL_AFTER_MS = 20_000;
const children = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

export async function startProgram(options: ProgramOptions): Promise<ChildProgram> {
  const log = openSync(options.logFile, 'a');
  const child = spawn(options.file, [...options.args], {
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...options.env },
    stdio: ['ignore', options.onLine === undefined ? log : 'pipe', log, 'pipe'],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  closeSync(log);
  child.stdio[PARENT_FD]?.on('error', () => undefined);
  if (options.onLine !== undefined && child.stdout !== null) createInterface({ input: child.stdout }).on('line', options.onLine);
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('close', (code, signal) => {
      children.delete(child);
      resolve(signal ?? code ?? 1);
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  children.add(child);
  return {
    pid: child.pid ?? -1,
    ended,
    get running() {
      return child.exitCode === null && child.signalCode === null;
    },
    async end(signal) {
      child.kill(signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}
