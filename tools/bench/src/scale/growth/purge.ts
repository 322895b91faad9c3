/** Of the orchestrator's store, what is used here. */
interface PurgingStore {
  start(): Promise<void>;
  /** Removes at most so many runs that ended before; gives how many. */
  purge(before: number, limit: number): Promise<number>;
  close(): Promise<void>;
}

interface StoreModule {
  createPostgresStore(options: { readonly url: string; readonly poolSize: number; readonly statementTimeoutMs: number }): PurgingStore;
}

/** Loaded by its file, as the orchestrator is started by its own: programs are no dependencies. */
const STORE = new URL('../../../../../apps/orchestrator/src/store/postgres/postgres-store.ts', import.meta.url).href;
const STATEMENT_MS = 120_000;

export interface PurgeOptions {
  readonly runs: number;
  readonly times: number;
  readonly signal: AbortSignal;
}

/** Removes the oldest runs, so many at once and so often; gives the milliseconds of each time. */
export async function measurePurge(databaseUrl: string, { runs, times, signal }: PurgeOptions): Promise<readonly number[]> {
  const { createPostgresStore } = (await import(STORE)) as StoreModule;
  const store = createPostgresStore({ url: databaseUrl, poolSize: 1, statementTimeoutMs: STATEMENT_MS });
  try {
    await store.start();
    const spent: number[] = [];
    while (spent.length < times) {
      signal.throwIfAborted();
      const begun = performance.now();
      const removed = await store.purge(Date.now(), runs);
      spent.push(performance.now() - begun);
      if (removed !== runs) throw new Error(`${removed} runs were removed instead of ${runs}`);
    }
    return spent;
  } finally {
    await store.close();
  }
}
