/**
 * A lock between processes for a Node too old to have a better one. The holder is named by the highest-numbered file
 * `<base>.<n>`; a free or abandoned lock is taken by creating number n + 1, which only one can do.
 */
import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Takes the lock, waiting while a living process holds it; `onWait` is told its pid once. Gives the function that releases it. */
export async function takeLock(base, { onWait = () => undefined, pollMs = 200 } = {}) {
  mkdirSync(dirname(base), { recursive: true });
  let waitedFor;
  for (;;) {
    const highest = generations(base).at(-1) ?? 0;
    const holder = highest === 0 ? undefined : holderOf(`${base}.${highest}`);
    if (holder === undefined) {
      const release = claim(base, highest + 1);
      if (release) return release;
      continue;
    }
    if (waitedFor !== holder) onWait(holder);
    waitedFor = holder;
    await delay(pollMs);
  }
}

function generations(base) {
  const prefix = `${basename(base)}.`;
  return readdirSync(dirname(base))
    .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
    .map((name) => Number(name.slice(prefix.length)))
    .sort((a, b) => a - b);
}

/** The pid of the living holder, or undefined. */
function holderOf(file) {
  try {
    const { pid, started } = JSON.parse(readFileSync(file, 'utf8'));
    return pid !== undefined && isRunning(pid, started) ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isRunning(pid, started) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
  return started === undefined || startOf(pid) === started;
}

/** Tells apart two processes that had the same number; known on Linux only. */
function startOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/** Creates the file with its content in one step; undefined if somebody else was first. */
function claim(base, number) {
  const file = `${base}.${number}`;
  const half = join(dirname(base), `.${basename(base)}-${process.pid}`);
  writeFileSync(half, JSON.stringify({ pid: process.pid, started: startOf(process.pid) }));
  try {
    linkSync(half, file);
  } catch (error) {
    if (error.code === 'EEXIST') return undefined;
    throw error;
  } finally {
    rmSync(half, { force: true });
  }
  const all = generations(base);
  if (all.at(-1) !== number) {
    rmSync(file, { force: true });
    return undefined;
  }
  for (const older of all.slice(0, -1)) rmSync(`${base}.${older}`, { force: true });
  return () => {
    writeFileSync(half, '{}');
    renameSync(half, file);
  };
}
