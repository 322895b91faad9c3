import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tryExclusiveLock } from '@mainstay/services';
import { ConflictError } from '@mainstay/types';
import { z } from 'zod';

const holderSchema = z.object({ pid: z.number().int(), since: z.string(), url: z.string() });

/** Who holds a data folder. */
export type Holder = z.infer<typeof holderSchema>;

/**
 * Takes the data folder for this process; gives the function that releases it. The system releases it when the process dies.
 * @throws ConflictError `DATA_DIR_HELD` that says who has it.
 */
export function lockDataDir(dataDir: string, url: string, now: () => Date = () => new Date()): () => void {
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, 'start.lock');
  const note = join(dataDir, 'start.json');
  const lock = tryExclusiveLock(file);
  if (!lock) throw held(dataDir, readHolder(note));
  writeFileSync(note, JSON.stringify({ pid: process.pid, since: now().toISOString(), url } satisfies Holder));
  return () => {
    lock.release();
  };
}

function held(dataDir: string, holder: Holder | undefined): ConflictError {
  const who = holder ? `process ${String(holder.pid)} since ${holder.since}, serving at ${holder.url}` : 'a process that is just starting';
  return new ConflictError(
    'DATA_DIR_HELD',
    `The data folder ${dataDir} is held by ${who}. Use that one, stop it, or set MAINSTAY_DATA_DIR (and PORT) to start another.`,
    { details: { dataDir, ...holder } },
  );
}

function readHolder(note: string): Holder | undefined {
  try {
    return holderSchema.parse(JSON.parse(readFileSync(note, 'utf8')));
  } catch {
    return undefined;
  }
}
