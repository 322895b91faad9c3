import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { waitUntil } from './wait-until.ts';

/** A process that stays recognisable after its number was given to another one. */
export interface ProcessRef {
  readonly pid: number;
  /** When it started, as the system words it. */
  readonly started: string;
}

/** When the process started, or `undefined` if it does not run (a zombie does not). */
export function startOf(pid: number): string | undefined {
  try {
    return process.platform === 'linux' ? linuxStart(pid) : psStart(pid);
  } catch {
    return undefined;
  }
}

/** Field 22 of /proc/<pid>/stat; the command (field 2) may contain spaces and brackets. The boot id tells machine starts apart. */
function linuxStart(pid: number): string | undefined {
  const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return `${boot}/${fields[19] ?? ''}`;
}

function psStart(pid: number): string | undefined {
  const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
  return line === '' || line.startsWith('Z') ? undefined : line.slice(line.indexOf(' ') + 1).trim();
}

/** A reference to a running process, or `undefined` if it has gone already. */
export function processRef(pid: number): ProcessRef | undefined {
  const started = startOf(pid);
  return started === undefined ? undefined : { pid, started };
}

/** True while exactly this process runs. */
export function isRunning(ref: ProcessRef): boolean {
  return startOf(ref.pid) === ref.started;
}

/** Sends each signal in turn and waits up to `eachMs` (default 10 s) for the end; true when the process is gone. */
export async function endProcess(ref: ProcessRef, signals: readonly NodeJS.Signals[], eachMs = 10_000): Promise<boolean> {
  for (const signal of signals) {
    if (!isRunning(ref)) return true;
    sendSignal(ref.pid, signal);
    if (await waitUntil(() => (isRunning(ref) ? undefined : true), { timeoutMs: eachMs })) return true;
  }
  return !isRunning(ref);
}

/** Sends a signal; false if there is no such process. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
