import { networkFailure, type NetworkError } from '@mainstay/types';

const HINT = 'Start the platform with `npm start`, or name its address with --url or MAINSTAY_URL.';

/** What `fetch` threw, in words, and what to do about it. */
export function networkError(url: string, thrown: unknown): NetworkError {
  return networkFailure(url, thrown, { hint: HINT });
}
