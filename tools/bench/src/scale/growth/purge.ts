import type { HttpClient } from '../../mainstay/http-client.ts';

const PATH = '/api/v1/maintenance/retention';

export interface PurgeOptions {
  readonly runs: number;
  readonly times: number;
  readonly signal: AbortSignal;
}

/** Has the orchestrator remove the oldest runs, so many and so often; gives the milliseconds of each time. */
export async function measurePurge(client: HttpClient, { runs, times, signal }: PurgeOptions): Promise<readonly number[]> {
  const spent: number[] = [];
  while (spent.length < times) {
    const begun = performance.now();
    for (let left = runs; left > 0;) {
      signal.throwIfAborted();
      left -= await removeOldest(client, left);
    }
    spent.push(performance.now() - begun);
  }
  return spent;
}

/** A request ends after some time, so it may remove fewer. */
async function removeOldest(client: HttpClient, limit: number): Promise<number> {
  const { status, text } = await client.call('POST', PATH, JSON.stringify({ olderThanMs: 0, limit }));
  if (status !== 200) throw new Error(`POST ${PATH} answered ${status}: ${text}`);
  const { removed } = JSON.parse(text) as { readonly removed: number };
  if (removed === 0) throw new Error('There are no runs left to remove');
  return removed;
}
