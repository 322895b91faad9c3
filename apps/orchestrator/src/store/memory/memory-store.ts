import type { Store } from '../store.ts';
import { auditMethods } from './audit.ts';
import { clusterMethods, keyMethods, pipelineMethods } from './calm.ts';
import { errorMethods } from './errors.ts';
import { readMethods } from './read.ts';
import { retentionMethods } from './retention.ts';
import { sweepMethods } from './sweep.ts';
import { createTables } from './tables.ts';
import { writeMethods } from './write.ts';

export interface MemoryStoreOptions {
  /** The store's clock, milliseconds since 1970. Default: the machine's. */
  readonly now?: () => number;
}

/**
 * A store in the memory of this process, for tests and simulations. It keeps what it is given and freezes it, so that
 * a caller who alters a value afterwards is told by an exception instead of corrupting the store.
 */
export function createMemoryStore({ now = Date.now }: MemoryStoreOptions = {}): Store {
  const tables = createTables(now);
  return {
    start: () => Promise.resolve(),
    close: () => Promise.resolve(),
    ping: (signal) =>
      Promise.resolve().then(() => {
        signal.throwIfAborted();
      }),
    now,
    ...writeMethods(tables),
    ...sweepMethods(tables),
    ...retentionMethods(tables),
    ...clusterMethods(tables),
    ...pipelineMethods(tables),
    ...readMethods(tables),
    ...errorMethods(tables),
    ...auditMethods(tables),
    ...keyMethods(tables),
  };
}
