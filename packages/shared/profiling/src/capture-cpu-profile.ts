import { Session } from 'node:inspector/promises';
import { ConflictError, ValidationError } from '@mainstay/types';
import { asCpuProfile, type CpuProfile } from './cpu-profile.ts';

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

/** When the recording that is under way ends, in milliseconds of `performance.now()`. */
let endsAt: number | undefined;

/**
 * Records what this process does, by V8's sampling profiler. It costs a few percent of CPU while it runs and nothing
 * otherwise. One at a time: rejects with PROFILE_RUNNING while another is being recorded; with VALIDATION_FAILED for
 * options out of bounds; with the signal's reason when it aborts.
 */
export async function captureCpuProfile(options: CaptureOptions = {}): Promise<CpuProfile> {
  const { ms = DEFAULT_CAPTURE_MS, intervalMicros = DEFAULT_INTERVAL_MICROS, signal } = options;
  check('ms', ms, 1_000, 60_000);
  check('intervalMicros', intervalMicros, 100, 100_000);
  signal?.throwIfAborted();
  if (endsAt !== undefined) throw running(endsAt);
  endsAt = performance.now() + ms;
  try {
    return await record(ms, intervalMicros, signal);
  } finally {
    endsAt = undefined;
  }
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

/** Resolves after the time, or as soon as the signal aborts. */
function elapsed(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    if (signal?.aborted === true) done();
    else signal?.addEventListener('abort', done);
  });
}

function check(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new ValidationError('VALIDATION_FAILED', `${name} must be a whole number from ${min} to ${max}, not ${value}`);
}

function running(until: number): ConflictError {
  const retryAfterMs = Math.max(1, Math.ceil(until - performance.now()));
  return new ConflictError('PROFILE_RUNNING', 'A CPU profile of this process is being recorded already', {
    retryAfterMs,
    details: { endsInMs: retryAfterMs },
  });
}
