import { ValidationError } from '@mainstay/types';
import { captureCpuProfile, type CaptureOptions } from './capture-cpu-profile.ts';

/** The path that management listeners take `POST` requests for a profile on. */
export const PROFILE_PATH = '/profile';

/** `?seconds=1…60&interval=100…100000` (microseconds) as options; rejects with VALIDATION_FAILED what is not so. */
export function captureOptions(target: string): CaptureOptions {
  const query = new URLSearchParams(target.includes('?') ? target.slice(target.indexOf('?') + 1) : '');
  for (const name of query.keys()) {
    if (!['seconds', 'interval'].includes(name)) throw invalid(name, 'is not known; seconds and interval are');
    if (query.getAll(name).length > 1) throw invalid(name, 'occurs twice');
  }
  const seconds = wholeNumber(query, 'seconds', 1, 60);
  const intervalMicros = wholeNumber(query, 'interval', 100, 100_000);
  return {
    ...(seconds === undefined ? {} : { ms: 1_000 * seconds }),
    ...(intervalMicros === undefined ? {} : { intervalMicros }),
  };
}

/** Answers a request for a profile with the text of a `.cpuprofile` file. The signal aborts when nobody waits for it any more. */
export async function answerProfileRequest(target: string, signal: AbortSignal): Promise<string> {
  return JSON.stringify(await captureCpuProfile({ ...captureOptions(target), signal }));
}

function wholeNumber(query: URLSearchParams, name: string, min: number, max: number): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw invalid(name, `must be a whole number from ${min} to ${max}`);
}

function invalid(name: string, why: string): ValidationError {
  const shown = name.slice(0, 100);
  return new ValidationError('VALIDATION_FAILED', `The query parameter ${JSON.stringify(shown)} ${why}`, {
    details: { issues: [{ path: `/${shown}`, problem: why, in: 'query' }] },
  });
}
