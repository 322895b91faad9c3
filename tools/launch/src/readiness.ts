import { waitUntil } from '@mainstay/services';

/** What the orchestrator says of itself. */
export type Readiness = 'ready' | 'unready' | 'silent';

/** Asks `GET /health/ready` once. */
export async function readiness(url: string, signal?: AbortSignal): Promise<Readiness> {
  const limit = AbortSignal.timeout(2_000);
  try {
    const response = await fetch(`${url}/health/ready`, { signal: signal ? AbortSignal.any([signal, limit]) : limit });
    await response.arrayBuffer();
    return response.ok ? 'ready' : 'unready';
  } catch {
    signal?.throwIfAborted();
    return 'silent';
  }
}

/** Waits until the orchestrator is ready; false when `timeoutMs` is over. */
export async function waitForReady(url: string, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
  const ready = await waitUntil(async () => ((await readiness(url, signal)) === 'ready' ? true : undefined), {
    timeoutMs,
    intervalMs: 100,
    signal,
  });
  return ready ?? false;
}
