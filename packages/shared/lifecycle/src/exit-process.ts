import { setTimeout as wait } from 'node:timers/promises';
import type { LifecycleLogger } from './logger.ts';

export interface ExitOptions {
  readonly logger: Pick<LifecycleLogger, 'error'>;
  /** Milliseconds that calls to the file system and to resolvers have to end. Default 1,000. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 1_000;
const LOOK_MS = 20;
/** What holds a thread of the pool while the disk or a resolver hangs. */
const HELD = /^(?:FSReq|GetAddrInfo|GetNameInfo)/;

/**
 * Ends this process with the code. `process.exit` waits for the threads of the pool: with a disk that hangs it would wait for ever. So when calls
 * are still under way after a while, the process runs its handlers of `exit` and kills itself (SIGKILL), having logged what held it.
 */
export async function exitProcess(code: number, { logger, patienceMs = PATIENCE_MS }: ExitOptions): Promise<void> {
  for (let left = patienceMs; left > 0 && heldBy().length > 0; left -= LOOK_MS) await wait(LOOK_MS);
  const held = heldBy();
  if (held.length === 0) process.exit(code);
  logger.error({ held, code }, 'calls to the disk or to a resolver hang: this process kills itself, since it could not end otherwise');
  process.exitCode = code;
  process.emit('exit', code);
  process.kill(process.pid, 'SIGKILL');
}

function heldBy(): readonly string[] {
  return process.getActiveResourcesInfo().filter((name) => HELD.test(name));
}
