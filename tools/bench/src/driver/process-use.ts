import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** Of the kernel's clock; 100 on every Linux in use. */
const TICKS_PER_SECOND = 100;

interface Stat {
  readonly parent: number;
  /** Of the process and of its children that have ended. */
  readonly cpuMs: number;
}

/** CPU time of a process and its present children, in milliseconds, without those of `others`; undefined where the machine does not tell. */
export function cpuMsOf(pid: number, others: readonly number[] = []): number | undefined {
  const own = statOf(pid);
  if (own === undefined) return undefined;
  const children = pids().flatMap((other) => (others.includes(other) ? [] : (statOf(other) ?? [])));
  return children.filter(({ parent }) => parent === pid).reduce((sum, { cpuMs }) => sum + cpuMs, own.cpuMs);
}

/** Greatest resident memory since the start or {@link forgetPeak}; undefined where the machine does not tell. */
export function peakBytesOf(pid: number): number | undefined {
  const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1_024;
}

/** Resident memory now; undefined where the machine does not tell. */
export function residentBytesOf(pid: number): number | undefined {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1_024;
}

/** Makes the present memory the greatest. Nothing happens where that cannot be done. */
export function forgetPeak(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // Another system, or not ours: the peak since the start is told then.
  }
}

/** The fields after the name in parentheses: state, parent, …, utime, stime, cutime, cstime at 11 to 14. */
function statOf(pid: number): Stat | undefined {
  const text = read(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const ticks = fields.slice(11, 15).reduce((sum, value) => sum + value, 0);
  return { parent: fields[1] ?? 0, cpuMs: (ticks * 1_000) / TICKS_PER_SECOND };
}

function pids(): readonly number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
