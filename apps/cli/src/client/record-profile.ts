import { asCpuProfile, type CpuProfile, PROFILE_PATH } from '@mainstay/profiling';
import { NotFoundError } from '@mainstay/types';
import { z } from 'zod';
import { HttpClient } from './http-client.ts';
import { RemoteError } from './remote-error.ts';

export interface ProfileRequest {
  /** Address of the management port. */
  readonly url: string;
  /** Asked for only when the process wants one: workers know no keys and are sent none. */
  readonly key: () => string;
  readonly seconds: number;
  /** Microseconds. */
  readonly interval: number;
  readonly signal: AbortSignal;
}

/** Beyond the time of the recording itself. */
const ANSWER_MS = 30_000;

/** Has a process record its own CPU profile. Rejects as `HttpClient.json` does, and with ROUTE_NOT_FOUND and a hint where it offers none. */
export async function recordProfile(request: ProfileRequest): Promise<CpuProfile> {
  try {
    return await ask(request, undefined).catch((error: unknown) => {
      if (error instanceof RemoteError && error.problem.status === 401) return ask(request, request.key());
      throw error;
    });
  } catch (error) {
    if (!(error instanceof RemoteError && error.code === 'ROUTE_NOT_FOUND')) throw error;
    throw new NotFoundError('ROUTE_NOT_FOUND', `${request.url} gives no profiles`, {
      cause: error,
      details: { hint: 'Name the management port of an orchestrator or worker with --url; MANAGEMENT_PORT sets it.' },
    });
  }
}

async function ask({ url, seconds, interval, signal }: ProfileRequest, key: string | undefined): Promise<CpuProfile> {
  const http = new HttpClient({ url, ...(key === undefined ? {} : { key }), timeoutMs: 1_000 * seconds + ANSWER_MS, maxAttempts: 1 });
  return asCpuProfile(await http.json('POST', PROFILE_PATH, z.unknown(), { query: { seconds, interval }, signal }));
}
