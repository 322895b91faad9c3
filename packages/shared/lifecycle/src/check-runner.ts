import { serializeError, TimeoutError } from '@mainstay/types';
import { checkNumber, type Clock } from '@mainstay/utils';
import type { CheckResult, HealthCheck } from './health-check.ts';
import type { LifecycleLogger } from './logger.ts';

interface Flight {
  readonly begunAt: number;
  readonly result: Promise<CheckResult>;
}

/** Calls one check: never twice at the same time, not again while its last result is fresh, and never waits past its limit. */
export class CheckRunner {
  readonly critical: boolean;
  readonly #name: string;
  readonly #check: HealthCheck;
  readonly #clock: Clock;
  readonly #logger: LifecycleLogger | undefined;
  readonly #timeoutMs: number;
  readonly #cacheMs: number;
  #flight: Flight | undefined;
  #last: { readonly at: number; readonly result: CheckResult } | undefined;
  #badSince: number | undefined;

  constructor(name: string, check: HealthCheck, clock: Clock, logger: LifecycleLogger | undefined) {
    this.critical = check.critical ?? true;
    this.#name = name;
    this.#check = check;
    this.#clock = clock;
    this.#logger = logger;
    this.#timeoutMs = checkNumber(`health check ${name}`, 'timeoutMs', check.timeoutMs ?? 80, { min: 1, max: 90 });
    this.#cacheMs = checkNumber(`health check ${name}`, 'cacheMs', check.cacheMs ?? 500, { min: 0 });
  }

  async result(): Promise<CheckResult> {
    if (this.#flight === undefined && this.#last !== undefined && this.#clock.monotonic() - this.#last.at < this.#cacheMs) {
      return this.#last.result;
    }
    const flight = (this.#flight ??= this.#begin());
    const leftMs = flight.begunAt + this.#timeoutMs - this.#clock.monotonic();
    if (leftMs <= 0) return this.#hanging(flight);
    const { promise: late, resolve } = Promise.withResolvers<undefined>();
    const timer = this.#clock.setTimeout(() => {
      resolve(undefined);
    }, leftMs);
    const result = await Promise.race([flight.result, late]);
    this.#clock.clearTimeout(timer);
    return result ?? this.#hanging(flight);
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
      const since = this.#bad('failed', error);
      result = { status: 'failed', latencyMs: this.#elapsed(begunAt), since, error: serializeError(error).code };
    }
    this.#last = { at: this.#clock.monotonic(), result };
    return result;
  }

  #hanging(flight: Flight): CheckResult {
    const since = this.#bad('hanging', undefined);
    return { status: 'hanging', latencyMs: this.#elapsed(flight.begunAt), since, error: 'OPERATION_TIMEOUT' };
  }

  #good(): void {
    if (this.#badSince !== undefined) this.#logger?.info({ check: this.#name }, 'health check is ok again');
    this.#badSince = undefined;
  }

  #bad(status: string, error: unknown): string {
    if (this.#badSince === undefined) this.#logger?.warn({ check: this.#name, status, err: error }, 'health check is not ok');
    this.#badSince ??= this.#clock.now();
    return new Date(this.#badSince).toISOString();
  }

  #elapsed(begunAt: number): number {
    return Math.round((this.#clock.monotonic() - begunAt) * 10) / 10;
  }
}
