import { MainstayError } from '@mainstay/types';
import { checkNumber } from './check-option.ts';
import { type Clock, systemClock } from './clock.ts';
import { dispositionOf } from './disposition.ts';

export interface BreakerOptions {
  /** Share of failures within the window, in percent, at which the circuit opens. Default 50. */
  readonly failurePercent?: number;
  /** The circuit stays closed while the window holds fewer calls. Default 10. */
  readonly minimumCalls?: number;
  /** Calls are counted for so long. Default 60,000. */
  readonly windowMs?: number;
  /** Counts the last so many calls instead of those of a time: verdicts then never grow old. 1 to 10,000. Default: by `windowMs`. */
  readonly windowCalls?: number;
  /** After so long the open circuit lets probes through. Default 60,000. */
  readonly openMs?: number;
  /** The open time grows by this factor with every probe that fails in a row. Default 1: it does not. */
  readonly openGrowth?: number;
  /** The open time grows to this at most. Default 3,600,000. */
  readonly maxOpenMs?: number;
  /** Probes that must succeed before the circuit closes; so many may run at the same time. Default 1. */
  readonly probes?: number;
  /** A successful call that took longer counts as a failure. Default: none does. */
  readonly slowCallMs?: number;
  /** True for errors that speak against the dependency. Default: all but cancellations and terminal errors. */
  readonly isFailure?: (error: unknown) => boolean;
  /** True for results that speak against the dependency, although they are given back. Default: none do. */
  readonly isFailedResult?: (value: unknown) => boolean;
  /** Measures calls, windows and open times. */
  readonly clock?: Clock;
}

/** How a call ended for the statistics; `none` says nothing of the dependency's health. */
export type Verdict = 'success' | 'failure' | 'none';

export interface BreakerPlan extends Required<Omit<BreakerOptions, 'isFailure' | 'isFailedResult' | 'windowCalls'>> {
  readonly windowCalls: number | undefined;
  readonly judge: (error: unknown) => Verdict;
  /** Of a call that was given up: by a limit of time that is meant for the dependency, or by somebody who no longer wants it. */
  readonly judgeAbandoned: (reason: unknown) => Verdict;
  readonly isFailedResult: ((value: unknown) => boolean) | undefined;
}

/** @throws ConfigurationError `CONFIG_INVALID` that names the first wrong option and its value. */
export function breakerPlan(name: string, options: BreakerOptions): BreakerPlan {
  const owner = `breaker ${name}`;
  const { isFailure, isFailedResult, windowCalls } = options;
  return {
    failurePercent: checkNumber(owner, 'failurePercent', options.failurePercent ?? 50, { min: 1, max: 100 }),
    minimumCalls: checkNumber(owner, 'minimumCalls', options.minimumCalls ?? 10, { min: 1, max: 1_000_000, integer: true }),
    windowMs: checkNumber(owner, 'windowMs', options.windowMs ?? 60_000, { min: 100, max: 3_600_000 }),
    windowCalls: windowCalls === undefined ? undefined : checkWindowCalls(owner, windowCalls, options.minimumCalls ?? 10),
    openMs: checkNumber(owner, 'openMs', options.openMs ?? 60_000, { min: 1, max: 86_400_000 }),
    openGrowth: checkNumber(owner, 'openGrowth', options.openGrowth ?? 1, { min: 1, max: 10 }),
    maxOpenMs: checkNumber(owner, 'maxOpenMs', options.maxOpenMs ?? 3_600_000, { min: 1, max: 86_400_000 }),
    probes: checkNumber(owner, 'probes', options.probes ?? 1, { min: 1, max: 1_000, integer: true }),
    slowCallMs: checkNumber(owner, 'slowCallMs', options.slowCallMs ?? Number.POSITIVE_INFINITY, { min: 1 }),
    judge: isFailure === undefined ? judge : (error) => (isFailure(error) ? 'failure' : 'none'),
    judgeAbandoned,
    isFailedResult,
    clock: options.clock ?? systemClock,
  };
}

/** A window that cannot hold the calls that it takes to open would never open. */
function checkWindowCalls(owner: string, windowCalls: number, minimumCalls: number): number {
  return checkNumber(owner, 'windowCalls', windowCalls, { min: minimumCalls, max: 10_000, integer: true });
}

function judge(error: unknown): Verdict {
  const disposition = dispositionOf(error);
  return disposition === 'cancelled' || disposition === 'terminal' ? 'none' : 'failure';
}

function judgeAbandoned(reason: unknown): Verdict {
  const late = reason instanceof MainstayError ? reason.code === 'OPERATION_TIMEOUT' : isTimeout(reason);
  return late ? 'failure' : 'none';
}

/** What `AbortSignal.timeout` aborts with. */
function isTimeout(reason: unknown): boolean {
  return typeof reason === 'object' && reason !== null && 'name' in reason && reason.name === 'TimeoutError';
}
