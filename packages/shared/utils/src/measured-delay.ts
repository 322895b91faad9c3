import { checkNumber } from './check-option.ts';

export interface MeasuredDelayOptions {
  /** So many percent of the calls answer sooner than the delay. Default 95: about one call in twenty is made once more. */
  readonly percentile?: number;
  /** Until it has measured 10 calls, in milliseconds. */
  readonly initialMs: number;
  /** The delay is never shorter. Default 1. */
  readonly minMs?: number;
  /** The last so many calls count. Default 100. */
  readonly calls?: number;
}

/** How long to wait for an answer before the call is made once more, by what calls took of late. One for each kind of call. */
export interface MeasuredDelay {
  readonly delayMs: number;
  /** A call took so long, or was given up after so long because another was quicker. */
  observe(latencyMs: number): void;
}

/** Calls before it is believed, and between two looks at all of them. */
const ENOUGH = 10;

/** @throws ConfigurationError `CONFIG_INVALID` that names the first wrong option and its value. */
export function createMeasuredDelay(options: MeasuredDelayOptions): MeasuredDelay {
  const owner = 'measured delay';
  const percentile = checkNumber(owner, 'percentile', options.percentile ?? 95, { min: 1, max: 100 });
  const minMs = checkNumber(owner, 'minMs', options.minMs ?? 1, { min: 0 });
  const size = checkNumber(owner, 'calls', options.calls ?? 100, { min: ENOUGH, max: 10_000, integer: true });
  let delayMs = Math.max(minMs, checkNumber(owner, 'initialMs', options.initialMs, { min: 0 }));
  const latencies = new Float64Array(size);
  let observed = 0;

  return {
    get delayMs() {
      return delayMs;
    },
    observe(latencyMs) {
      latencies[observed % size] = latencyMs;
      observed += 1;
      if (observed % ENOUGH !== 0) return;
      const sorted = latencies.slice(0, Math.min(observed, size)).sort();
      delayMs = Math.max(minMs, sorted[Math.ceil((sorted.length * percentile) / 100) - 1] ?? minMs);
    },
  };
}
