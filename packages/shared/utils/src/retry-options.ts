import { ConfigurationError, MainstayError } from '@mainstay/types';
import { type BackoffPolicy, backoffDelayMs, defaultBackoff } from './backoff.ts';
import { checkNumber } from './check-option.ts';
import { type Clock, systemClock } from './clock.ts';
import { dispositionOf } from './disposition.ts';
import { FailedResult } from './failed-result.ts';
import { wasNotTaken } from './idempotency.ts';
import type { RetryBudget } from './retry-budget.ts';

/** A retry that is about to be waited for. */
export interface RetryNotice {
  /** The attempt that failed, from 1. */
  readonly attempt: number;
  readonly delayMs: number;
  readonly error: unknown;
}

/** Why no further attempt is made: all made, no time for another, not worth one, not safe, or no budget left. */
export type GiveUpReason = 'attempts' | 'time' | 'final' | 'unsafe' | 'budget';

/** What is told when it gives up. A caller that cancels is no giving up. */
export interface GiveUpNotice {
  readonly reason: GiveUpReason;
  readonly attempts: number;
  readonly error: unknown;
}

export interface RetryOptions extends Partial<BackoffPolicy> {
  /** Tries in all, the first included. Default 4: three retries. */
  readonly maxAttempts?: number;
  /** Limit of each attempt in milliseconds; default none. */
  readonly attemptTimeoutMs?: number;
  /** Limit of all attempts and waits together in milliseconds; default none. */
  readonly totalTimeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** Default: what {@link dispositionOf} calls retryable. */
  readonly shouldRetry?: (error: unknown) => boolean;
  /** True for results that are failures: they are tried again like errors, and the last one is given back. Default: none are. */
  readonly isFailedResult?: (value: unknown) => boolean;
  /**
   * False: the work must not be done twice. Then it is tried again only after errors that prove that it was not begun
   * ({@link wasNotTaken}), whatever `shouldRetry` says. Default true.
   */
  readonly idempotent?: boolean;
  /** Bounds the retries of all who share it; without one, nothing does. */
  readonly budget?: RetryBudget;
  /** Metrics: before each wait. */
  readonly onRetry?: (notice: RetryNotice) => void;
  /** Metrics: after the last failure. */
  readonly onGiveUp?: (notice: GiveUpNotice) => void;
  /** Metrics: a retry succeeded after so many attempts. */
  readonly onRecover?: (attempts: number) => void;
  /** What is tried, for messages. Default `operation`. */
  readonly name?: string;
  readonly random?: () => number;
  readonly clock?: Clock;
}

/** Options with their defaults, checked. */
export type RetryPlan = BackoffPolicy &
  Required<
    Pick<RetryOptions, 'maxAttempts' | 'attemptTimeoutMs' | 'totalTimeoutMs' | 'shouldRetry' | 'idempotent' | 'name' | 'random' | 'clock'>
  > &
  Pick<RetryOptions, 'isFailedResult' | 'budget' | 'onRetry' | 'onGiveUp' | 'onRecover'>;

const BACKOFFS: readonly string[] = ['exponential', 'linear', 'constant'];
const JITTERS: readonly string[] = ['full', 'equal', 'decorrelated', 'none'];

/** @throws ConfigurationError `CONFIG_INVALID` that names the first wrong option and its value. */
export function retryPlan(options: RetryOptions): RetryPlan {
  const none = Number.POSITIVE_INFINITY;
  const { isFailedResult, budget, onRetry, onGiveUp, onRecover } = options;
  const plan: RetryPlan = {
    backoff: options.backoff ?? defaultBackoff.backoff,
    jitter: options.jitter ?? defaultBackoff.jitter,
    baseMs: options.baseMs ?? defaultBackoff.baseMs,
    maxMs: options.maxMs ?? defaultBackoff.maxMs,
    maxAttempts: options.maxAttempts ?? 4,
    attemptTimeoutMs: options.attemptTimeoutMs ?? none,
    totalTimeoutMs: options.totalTimeoutMs ?? none,
    shouldRetry: options.shouldRetry ?? ((error) => dispositionOf(error) === 'retryable'),
    idempotent: options.idempotent ?? true,
    name: options.name ?? 'operation',
    random: options.random ?? Math.random,
    clock: options.clock ?? systemClock,
    ...(isFailedResult === undefined ? {} : { isFailedResult }),
    ...(budget === undefined ? {} : { budget }),
    ...(onRetry === undefined ? {} : { onRetry }),
    ...(onGiveUp === undefined ? {} : { onGiveUp }),
    ...(onRecover === undefined ? {} : { onRecover }),
  };
  checkNumber('retry', 'maxAttempts', plan.maxAttempts, { min: 1, integer: true });
  checkNumber('retry', 'baseMs', plan.baseMs, { min: 0 });
  checkNumber('retry', 'maxMs', plan.maxMs, { min: 0 });
  checkNumber('retry', 'attemptTimeoutMs', plan.attemptTimeoutMs, { min: 1 });
  checkNumber('retry', 'totalTimeoutMs', plan.totalTimeoutMs, { min: 1 });
  if (typeof plan.backoff !== 'function') checkChoice('backoff', plan.backoff, BACKOFFS);
  checkChoice('jitter', plan.jitter, JITTERS);
  return plan;
}

function checkChoice(option: string, value: string, choices: readonly string[]): void {
  if (choices.includes(value)) return;
  throw new ConfigurationError('CONFIG_INVALID', `retry: option ${option} must be one of ${choices.join(', ')}, not ${value}`, {
    details: { owner: 'retry', option, value },
  });
}

/** What happened up to a failed attempt. */
export interface Failure {
  readonly error: unknown;
  /** The attempt that failed, from 1. */
  readonly attempt: number;
  /** The wait before that attempt; undefined after the first. */
  readonly previousMs: number | undefined;
  /** Time left for everything; `Infinity` without a limit. */
  readonly leftMs: number;
}

/** The wait before the next attempt, or why there is none. Takes a retry out of the budget when there is a next attempt. */
export function nextStep(plan: RetryPlan, failure: Failure): { readonly delayMs: number } | { readonly giveUp: GiveUpReason } {
  const { error, attempt, leftMs } = failure;
  if (!(error instanceof FailedResult) && !plan.shouldRetry(error)) return { giveUp: 'final' };
  if (!plan.idempotent && !wasNotTaken(error)) return { giveUp: 'unsafe' };
  if (attempt >= plan.maxAttempts) return { giveUp: 'attempts' };
  const delayMs = delayAfter(plan, failure);
  if (delayMs >= leftMs) return { giveUp: 'time' };
  if (plan.budget?.withdraw() === false) return { giveUp: 'budget' };
  return { delayMs };
}

/**
 * The backoff, but never less than the failed side asked for. Who was asked to come later does not come at that very moment together
 * with everybody else who was: the jitter puts up to `baseMs` on top.
 */
function delayAfter(plan: RetryPlan, { error, attempt, previousMs }: Failure): number {
  const backoffMs = backoffDelayMs(plan, attempt, plan.random, previousMs);
  const asked = error instanceof MainstayError ? (error.retryAfterMs ?? 0) : 0;
  if (asked <= backoffMs) return backoffMs;
  return asked + (plan.jitter === 'none' ? 0 : Math.floor(plan.random() * plan.baseMs));
}
