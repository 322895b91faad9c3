import { ConfigurationError, MainstayError } from '@mainstay/types';
import { type BackoffPolicy, defaultBackoff } from './backoff.ts';
import { checkNumber } from './check-option.ts';
import { type Clock, systemClock } from './clock.ts';
import { dispositionOf } from './disposition.ts';

/** A retry that is about to be waited for. */
export interface RetryNotice {
  /** The attempt that failed, from 1. */
  readonly attempt: number;
  readonly delayMs: number;
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
  readonly onRetry?: (notice: RetryNotice) => void;
  /** What is tried, for messages. Default `operation`. */
  readonly name?: string;
  readonly random?: () => number;
  readonly clock?: Clock;
}

/** Options with their defaults, checked. */
export type RetryPlan = BackoffPolicy &
  Required<Pick<RetryOptions, 'maxAttempts' | 'attemptTimeoutMs' | 'totalTimeoutMs' | 'shouldRetry' | 'name' | 'random' | 'clock'>>;

const BACKOFFS: readonly string[] = ['exponential', 'linear', 'constant'];
const JITTERS: readonly string[] = ['full', 'none'];

/** @throws ConfigurationError `CONFIG_INVALID` that names the first wrong option and its value. */
export function retryPlan(options: RetryOptions): RetryPlan {
  const none = Number.POSITIVE_INFINITY;
  const plan: RetryPlan = {
    backoff: options.backoff ?? defaultBackoff.backoff,
    jitter: options.jitter ?? defaultBackoff.jitter,
    baseMs: options.baseMs ?? defaultBackoff.baseMs,
    maxMs: options.maxMs ?? defaultBackoff.maxMs,
    maxAttempts: options.maxAttempts ?? 4,
    attemptTimeoutMs: options.attemptTimeoutMs ?? none,
    totalTimeoutMs: options.totalTimeoutMs ?? none,
    shouldRetry: options.shouldRetry ?? ((error) => dispositionOf(error) === 'retryable'),
    name: options.name ?? 'operation',
    random: options.random ?? Math.random,
    clock: options.clock ?? systemClock,
  };
  checkNumber('retry', 'maxAttempts', plan.maxAttempts, { min: 1, integer: true });
  checkNumber('retry', 'baseMs', plan.baseMs, { min: 0 });
  checkNumber('retry', 'maxMs', plan.maxMs, { min: 0 });
  checkNumber('retry', 'attemptTimeoutMs', plan.attemptTimeoutMs, { min: 1 });
  checkNumber('retry', 'totalTimeoutMs', plan.totalTimeoutMs, { min: 1 });
  checkChoice('backoff', plan.backoff, BACKOFFS);
  checkChoice('jitter', plan.jitter, JITTERS);
  return plan;
}

function checkChoice(option: string, value: string, choices: readonly string[]): void {
  if (choices.includes(value)) return;
  throw new ConfigurationError('CONFIG_INVALID', `retry: option ${option} must be one of ${choices.join(', ')}, not ${value}`, {
    details: { owner: 'retry', option, value },
  });
}

/** The delay that the failed side asked for, or 0. */
export function askedDelayMs(error: unknown): number {
  return error instanceof MainstayError ? (error.retryAfterMs ?? 0) : 0;
}
