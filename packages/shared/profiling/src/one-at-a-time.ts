import { ConflictError, ValidationError } from '@mainstay/types';

/** When the recording that is under way ends, in milliseconds of `performance.now()`. */
let endsAt: number | undefined;

/** Runs the recording, of whatever kind, which takes about so long. Rejects with PROFILE_RUNNING while there is another in this process. */
export async function oneAtATime<T>(ms: number, recording: () => Promise<T>): Promise<T> {
  if (endsAt !== undefined) throw running(endsAt);
  endsAt = performance.now() + ms;
  try {
    return await recording();
  } finally {
    endsAt = undefined;
  }
}

/** Resolves after the time, or as soon as the signal aborts. */
export function elapsed(ms: number, signal: AbortSignal | undefined): Promise<void> {
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

/** @throws ValidationError `VALIDATION_FAILED` that names the option. */
export function requireWhole(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new ValidationError('VALIDATION_FAILED', `${name} must be a whole number from ${min} to ${max}, not ${value}`);
}

function running(until: number): ConflictError {
  const retryAfterMs = Math.max(1, Math.ceil(until - performance.now()));
  return new ConflictError('PROFILE_RUNNING', 'A profile of this process is being recorded already', {
    retryAfterMs,
    details: { endsInMs: retryAfterMs },
  });
}
