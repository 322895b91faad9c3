import { serializeError, TimeoutError } from '@mainstay/types';
import { checkNumber, type Clock } from '@mainstay/utils';
import type { CheckResult, HealthCheck } from './health-check.ts';
import type { LifecycleLogger } from './logger.ts';

interface Flight {
  readonly begunAt: number;
  readonly result: Promise<CheckResult>;
}

export interface CheckRunnerOptions {
  readonly clock: Clock;
  readonly logger?: LifecycleLogger | undefined;
  /** Since when what it looks at runs, on the same clock; undefined before that. Default: always. */
  readonly runningSince?: (() => number | undefined) | undefined;
  /** Uniform in [0, 1). Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** One that is known to be bad is waited for so long only: most that are well again answer sooner, and one that hangs stops nobody twice. */
const KNOWN_BAD_MS = 20;
/** A result is good for up to this share longer. */
const JITTER = 0.1;

/** Calls one check: never twice at the same time, not again while its last result is fresh, and never waits past its limit. */
export class CheckRunner {
  readonly critical: boolean;
  readonly #name: string;
  readonly #check: HealthCheck;
  readonly #clock: Clock;
  readonly #logger: LifecycleLogger | undefined;
  readonly #random: () => number;
  readonly #runningSince: () => number | undefined;
  readonly #timeoutMs: number;
  readonly #cacheMs: number;
  #flight: Flight | undefined;
  #last: { readonly until: number; readonly result: CheckResult } | undefined;
  #badSince: number | undefined;
  #lastOkAt: number | undefined;

  constructor(name: string, check: HealthCheck, { clock, logger, runningSince = () => 0, random = Math.random }: CheckRunnerOptions) {
    this.critical = check.critical ?? true;
    this.#name = name;
    this.#check = check;
    this.#clock = clock;
    this.#logger = logger;
    this.#random = random;
    this.#runningSince = runningSince;
    this.#timeoutMs = checkNumber(`health check ${name}`, 'timeoutMs', check.timeoutMs ?? 80, { min: 1, max: 90 });
    this.#cacheMs = checkNumber(`health check ${name}`, 'cacheMs', check.cacheMs ?? 500, { min: 0 });
  }

  async result(): Promise<CheckResult> {
    if (this.#runningSince() === undefined) return this.#starting(0);
    if (this.#flight === undefined && this.#last !== undefined && this.#clock.monotonic() < this.#last.until) return this.#last.result;
    const flight = (this.#flight ??= this.#begin());
    const leftMs = flight.begunAt + (this.#badSince === undefined ? this.#timeoutMs : KNOWN_BAD_MS) - this.#clock.monotonic();
    if (leftMs <= 0) return this.#unanswered(flight);
    const { promise: late, resolve } = Promise.withResolvers<undefined>();
    const timer = this.#clock.setTimeout(() => {
      resolve(undefined);
    }, leftMs);
    const result = await Promise.race([flight.result, late]);
    this.#clock.clearTimeout(timer);
    return result ?? this.#unanswered(flight);
  }

  #begin(): Flight {
    const begunAt = this.#clock.monotonic();
    const abort = new AbortController();
    const timer = this.#clock.setTimeout(() => {
      abort.abort(new TimeoutError('OPERATION_TIMEOUT', `Health check ${this.#name} took longer than ${this.#timeoutMs} ms`));
    }, this.#timeoutMs);
    const result = this.#call(abort.signal, begunAt).finally(() => {
      this.#clock.clearTimeout(timer);
      this.#flight = undefined;
    });
    return { begunAt, result };
  }

  async #call(signal: AbortSignal, begunAt: number): Promise<CheckResult> {
    let result: CheckResult;
    try {
      const details: unknown = await this.#check.check(signal);
      this.#good();
      result = { status: 'ok', latencyMs: this.#elapsed(begunAt), ...(typeof details === 'object' && details !== null ? { details } : {}) };
    } catch (error) {
      result = this.#bad(begunAt, serializeError(error).code, error);
    }
    this.#last = { until: this.#clock.monotonic() + this.#cacheMs * (1 + JITTER * this.#random()), result };
    return result;
  }

  /** What is said of a check that has not answered: what it said the last time, until it is known to hang. */
  #unanswered(flight: Flight): CheckResult {
    const isLate = this.#clock.monotonic() - flight.begunAt >= this.#timeoutMs;
    const known = this.#last?.result;
    return isLate || known === undefined ? this.#bad(flight.begunAt, 'OPERATION_TIMEOUT', undefined) : known;
  }

  #good(): void {
    if (this.#badSince !== undefined) this.#logger?.info({ check: this.#name }, 'health check is ok again');
    this.#badSince = undefined;
    this.#lastOkAt = this.#clock.now();
  }

  /** Not ok, and nothing is wrong: that is not told of. */
  #starting(latencyMs: number): CheckResult {
    return { status: this.critical ? 'down' : 'degraded', latencyMs, reason: 'starting' };
  }

  #bad(begunAt: number, code: string, error: unknown): CheckResult {
    const settledAt = (this.#runningSince() ?? Infinity) + (this.#check.settleMs ?? 0);
    if (this.#lastOkAt === undefined && this.#clock.monotonic() < settledAt) return this.#starting(this.#elapsed(begunAt));
    if (this.#badSince === undefined) this.#logger?.warn({ check: this.#name, code, err: error }, 'health check is not ok');
    this.#badSince ??= this.#clock.now();
    return {
      status: this.critical ? 'down' : 'degraded',
      latencyMs: this.#elapsed(begunAt),
      since: new Date(this.#badSince).toISOString(),
      ...(this.#lastOkAt === undefined ? {} : { lastOkAt: new Date(this.#lastOkAt).toISOString() }),
      code,
    };
  }

  #elapsed(begunAt: number): number {
    return Math.round((this.#clock.monotonic() - begunAt) * 10) / 10;
  }
}
