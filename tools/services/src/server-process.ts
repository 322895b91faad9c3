import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { openLog } from './log-file.ts';
import { type ProcessRef, processRef, sendSignal } from './process-ref.ts';

/** How a server's process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What to run. */
export interface ServerCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** The complete environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Standard output and error go here. */
  readonly logFile: string;
  /** Run as this user; default: ourselves. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
}

/** A server that runs as our child. */
export interface ServerProcess {
  readonly pid: number;
  readonly ref: ProcessRef | undefined;
  /** Fulfilled when the process has ended; never rejected. */
  readonly ended: Promise<Ending>;
  hasEnded(): boolean;
  /** Sends the first signal, then SIGKILL after `timeoutMs`; fulfilled when the process has ended. */
  end(signal: NodeJS.Signals, timeoutMs: number): Promise<Ending>;
}

const children = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** Starts a server; it is killed if this process exits without ending it. Rejects if the program cannot be started at all. */
export async function spawnServer(command: ServerCommand): Promise<ServerProcess> {
  const log = openLog(command.logFile);
  try {
    const child = spawn(command.file, [...command.args], {
      cwd: '/',
      env: { ...command.env },
      stdio: ['ignore', log, log],
      ...(command.user ?? {}),
    });
    return await started(child);
  } finally {
    closeSync(log);
  }
}

function started(child: ChildProcess): Promise<ServerProcess> {
  const ended = new Promise<Ending>((resolve) => {
    child.once('exit', (code, signal) => {
      children.delete(child);
      resolve({ code, signal });
    });
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    const { pid } = child;
    if (pid === undefined) return;
    children.add(child);
    resolve(serverProcess(child, pid, ended));
  });
}

function serverProcess(child: ChildProcess, pid: number, ended: Promise<Ending>): ServerProcess {
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    pid,
    ref: processRef(pid),
    ended,
    hasEnded,
    async end(signal, timeoutMs) {
      if (hasEnded()) return ended;
      sendSignal(pid, signal);
      sendSignal(pid, 'SIGCONT');
      const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
      const ending = await ended;
      clearTimeout(timer);
      return ending;
    },
  };
}

/** The few variables that a server or an installer needs; nothing else of our environment reaches it. */
export function serverEnvironment(
  source: NodeJS.ProcessEnv = process.env,
  extra: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const kept = Object.entries(source).filter((entry): entry is [string, string] => entry[1] !== undefined && KEPT.test(entry[0]));
  return { ...Object.fromEntries(kept), ...extra };
}

const KEPT =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|TMPDIR|SSL_CERT_(FILE|DIR)|NODE_EXTRA_CA_CERTS|(https?|no|all)_proxy|MAINSTAY_TEST_RUN|HOMEBREW_\w+)$/i;
