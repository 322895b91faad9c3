import { exitCodeOf } from './exit-codes.ts';

/** Aborted by the first SIGINT, SIGTERM or SIGHUP; a second one calls `now` and exits with 128 + its number. */
export function stopSignals(now: () => void): AbortSignal {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (stopping.signal.aborted) {
        now();
        process.exit(exitCodeOf(signal));
      }
      stopping.abort(signal);
    });
  }
  return stopping.signal;
}
