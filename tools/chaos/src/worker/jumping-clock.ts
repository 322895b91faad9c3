import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Folder with a file per process, named by its pid, that holds how far its wall clock is off, in milliseconds. */
export const CLOCKS_VARIABLE = 'CHAOS_CLOCKS';
const LOOK_EVERY_MS = 100;

/**
 * Loaded before the program: its wall clock can be moved from outside. Only `Date` follows: timers go by a clock that never jumps,
 * as the kernel's do.
 */
const folder = process.env[CLOCKS_VARIABLE];
if (folder !== undefined) {
  const RealDate = Date;
  let offsetMs = 0;
  const JumpingDate = class extends RealDate {
    constructor(...given: readonly unknown[]) {
      if (given.length === 0) super(RealDate.now() + offsetMs);
      else super(...(given as [number]));
    }

    static override now(): number {
      return RealDate.now() + offsetMs;
    }
  };
  globalThis.Date = JumpingDate as DateConstructor;
  setInterval(() => {
    offsetMs = readOffset(join(folder, String(process.pid)));
  }, LOOK_EVERY_MS).unref();
}

function readOffset(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8')) || 0;
  } catch {
    return 0;
  }
}
