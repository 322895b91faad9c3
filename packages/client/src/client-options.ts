import { checkNumber, type Clock, systemClock } from '@mainstay/utils';
import { sdkTrace, type TracePlace } from './sdk-trace.ts';
import { ConfigurationError } from '@mainstay/types';

export interface ClientOptions {
  /** Address of an orchestrator, or of what stands before several: `http://…` or `https://…`. */
  readonly url: string;
  /** API key, or a JWT. */
  readonly key: string;
  /**
   * Gives each submission an idempotency key, so that repeating it after an answer that was lost never starts a second
   * run. Without it, a submission whose outcome is unknown rejects, and costs the store less. Default true.
   */
  readonly exactlyOnce?: boolean;
  /** A submission, with all its tries, rejects after so long. Default 60,000. */
  readonly deadlineMs?: number;
  /** Limit of one request. Default 30,000. */
  readonly requestTimeoutMs?: number;
  /** Runs in one request at most, up to 500. Default 500. */
  readonly maxBatch?: number;
  /** Bytes of one batch at most; no more than the server's MAINSTAY_MAX_BODY_BYTES. Default 512 KiB. */
  readonly maxBatchBytes?: number;
  /** Submissions that may wait here; further ones reject with OVERLOADED. Default 10,000. */
  readonly maxWaiting?: number;
  /** Ends of runs that are remembered for a `result` that is asked for later. Default 20,000. */
  readonly maxRemembered?: number;
  /** Wait before the first repetition; doubles up to 5,000, with jitter. Default 100. */
  readonly baseMs?: number;
  /** A stream that is silent for so long is opened anew; the server sends something every 15 s. Default 45,000. */
  readonly silenceMs?: number;
  /** Runs that have been awaited for so long are looked up, and again after as long. Default 30,000. */
  readonly recheckMs?: number;
  /** The place in a trace that requests come from. Default: that of the process's OpenTelemetry SDK, where it has one. */
  readonly trace?: () => TracePlace | undefined;
  readonly clock?: Clock;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
}

/** Options with their defaults. */
export type ClientSettings = Required<ClientOptions>;

/** Rejects with CONFIG_INVALID that names the option. */
export function settingsOf(options: ClientOptions): ClientSettings {
  const settings: ClientSettings = {
    exactlyOnce: true,
    deadlineMs: 60_000,
    requestTimeoutMs: 30_000,
    maxBatch: 500,
    maxBatchBytes: 512 * 1_024,
    maxWaiting: 10_000,
    maxRemembered: 20_000,
    baseMs: 100,
    silenceMs: 45_000,
    recheckMs: 30_000,
    trace: sdkTrace,
    clock: systemClock,
    random: Math.random,
    ...options,
  };
  if (!/^https?:$/.test(URL.parse(settings.url)?.protocol ?? '')) {
    throw new ConfigurationError('CONFIG_INVALID', `client: option url must be an address with http or https, not ${settings.url}`);
  }
  if (!/^[\x21-\x7e]+$/.test(settings.key)) throw new ConfigurationError('CONFIG_INVALID', 'client: option key must be an API key');
  checkNumber('client', 'maxBatch', settings.maxBatch, { min: 1, max: 500, integer: true });
  for (const name of ['deadlineMs', 'requestTimeoutMs', 'maxBatchBytes', 'silenceMs', 'recheckMs'] as const) {
    checkNumber('client', name, settings[name], { min: 1 });
  }
  for (const name of ['maxWaiting', 'maxRemembered', 'baseMs'] as const) checkNumber('client', name, settings[name], { min: 0 });
  return settings;
}
