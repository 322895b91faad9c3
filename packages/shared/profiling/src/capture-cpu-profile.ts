import { Session } from 'node:inspector/promises';
import { asCpuProfile, type CpuProfile } from './cpu-profile.ts';
import { elapsed, oneAtATime, requireWhole } from './one-at-a-time.ts';

export interface CaptureOptions {
  /** How long to record, in milliseconds: 1,000 … 60,000. Default 10,000. */
  readonly ms?: number;
  /** Time between two samples, in microseconds: 100 … 100,000. Default 1,000. Shorter ones cost more CPU. */
  readonly intervalMicros?: number;
  /** Ends the recording; nothing is returned then. */
  readonly signal?: AbortSignal;
}

export const DEFAULT_CAPTURE_MS = 10_000;
const DEFAULT_INTERVAL_MICROS = 1_000;

/**
 * Records what this process does, by V8's sampling profiler. It costs a few percent of CPU while it runs and nothing
 * otherwise. One at a time: rejects with PROFILE_RUNNING while another is being recorded; with VALIDATION_FAILED for
 * options out of bounds; with the signal's reason when it aborts.
 */
export async function captureCpuProfile(options: CaptureOptions = {}): Promise<CpuProfile> {
  const { ms = DEFAULT_CAPTURE_MS, intervalMicros = DEFAULT_INTERVAL_MICROS, signal } = options;
  requireWhole('ms', ms, 1_000, 60_000);
  requireWhole('intervalMicros', intervalMicros, 100, 100_000);
  signal?.throwIfAborted();
  return await oneAtATime(ms, () => record(ms, intervalMicros, signal));
}

async function record(ms: number, intervalMicros: number, signal: AbortSignal | undefined): Promise<CpuProfile> {
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: intervalMicros });
    await session.post('Profiler.start');
    await elapsed(ms, signal);
    const { profile } = await session.post('Profiler.stop');
    signal?.throwIfAborted();
    return asCpuProfile(profile);
  } finally {
    // ends the recording as well, where it still runs
    session.disconnect();
  }
}
