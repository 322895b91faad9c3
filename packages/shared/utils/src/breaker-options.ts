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
  /** After so long the open circuit lets one probe through. Default 60,000. */
  readonly openMs?: number;
  /** A successful call that took longer counts as a failure. Default: none does. */
  readonly slowCallMs?: number;
  /** True for errors that speak against the dependency. Default: all but cancellations and terminal errors. */
  readonly isFailure?: (error: unknown) => boolean;
  /** Measures calls; the circuit's own timers are the machine's. */
  readonly clock?: Clock;
}

export interface BreakerPlan extends Required<Omit<BreakerOptions, 'isFailure'>> {
  readonly judge: (error: unknown) => 'success' | 'failure' | 'none';
}

/** @throws ConfigurationError `CONFIG_INVALID` that names the first wrong option and its value. */
export function breakerPlan(name: string, options: BreakerOptions): BreakerPlan {
  const owner = `breaker ${name}`;
  const { isFailure } = options;
  return {
    failurePercent: checkNumber(owner, 'failurePercent', options.failurePercent ?? 50, { min: 1, max: 100 }),
    minimumCalls: checkNumber(owner, 'minimumCalls', options.minimumCalls ?? 10, { min: 1, max: 1_000_000, integer: true }),
    windowMs: checkNumber(owner, 'windowMs', options.windowMs ?? 60_000, { min: 100, max: 3_600_000 }),
    openMs: checkNumber(owner, 'openMs', options.openMs ?? 60_000, { min: 1, max: 86_400_000 }),
    slowCallMs: checkNumber(owner, 'slowCallMs', options.slowCallMs ?? Number.POSITIVE_INFINITY, { min: 1 }),
    judge: isFailure === undefined ? defaultJudge : (error) => (isFailure(error) ? 'failure' : 'none'),
    clock: options.clock ?? systemClock,
  };
}

function defaultJudge(error: unknown): 'failure' | 'none' {
  const disposition = dispositionOf(error);
  return disposition === 'cancelled' || disposition === 'terminal' ? 'none' : 'failure';
}
