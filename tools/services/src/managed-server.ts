import { setTimeout as delay } from 'node:timers/promises';
import { restartDelayMs } from './restart-budget.ts';
import type { ServerHandle } from './server-handle.ts';

/** A server that is started when first wanted and restarted when it dies, until it is stopped. */
export interface ManagedServer<H extends ServerHandle> {
  /** Starts it unless it runs; all callers share one start. After a failure the next caller tries again. */
  ensure(): Promise<H>;
  /** Ends it, twice over: the watcher may have been restarting it at the first try. */
  stop(): Promise<void>;
}

/** What is done when a server has died too often. */
export type GiveUp = (name: string) => void;

/** Manages one server. `start` must observe `signal`, which is aborted by `stop`. */
export function managedServer<H extends ServerHandle>(
  name: string,
  start: (signal: AbortSignal) => Promise<H>,
  log: (line: string) => void,
  giveUp: GiveUp,
): ManagedServer<H> {
  const stopping = new AbortController();
  const isStopping = (): boolean => stopping.signal.aborted;
  let starting: Promise<H> | undefined;
  let watching: Promise<void> = Promise.resolve();

  const watch = async (handle: H): Promise<void> => {
    const restarts: number[] = [];
    while (!isStopping()) {
      const ending = await handle.ended;
      if (isStopping()) return;
      const delayMs = restartDelayMs(restarts, performance.now());
      log(`${name} ended (code ${String(ending.code)}, signal ${String(ending.signal)})`);
      if (delayMs === undefined) {
        giveUp(name);
        return;
      }
      restarts.push(performance.now());
      await delay(delayMs, undefined, { signal: stopping.signal });
      await handle.restart().catch((error: unknown) => {
        log(`${name} did not restart: ${String(error)}`);
      });
    }
  };

  return {
    ensure() {
      starting ??= start(stopping.signal).then(
        (handle) => {
          watching = watch(handle).catch(() => undefined);
          return handle;
        },
        (error: unknown) => {
          starting = undefined;
          throw error;
        },
      );
      return starting;
    },
    async stop() {
      stopping.abort();
      const handle = await starting?.catch(() => undefined);
      await handle?.stop();
      await watching;
      await handle?.stop();
    },
  };
}
