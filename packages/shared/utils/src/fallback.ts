import { dispositionOf } from './disposition.ts';
import { FailedResult } from './failed-result.ts';

/** One way of getting a result. */
export interface FallbackStep<T> {
  /** Marks the results that come from it. */
  readonly name: string;
  /** Gets the error of the step before; undefined for the first. */
  readonly run: (failure: unknown) => Promise<T> | T;
  /** Whether it can help after this error. Default: after any but a cancellation. */
  readonly when?: (failure: unknown) => boolean;
}

/** A result, and how it was come by. */
export interface FallbackResult<T> {
  readonly value: T;
  /** Name of the step that gave it. */
  readonly source: string;
  /** True if it is not the first step's. */
  readonly degraded: boolean;
  /** Errors of the steps before, in order. */
  readonly failures: readonly { readonly source: string; readonly error: unknown }[];
}

export interface FallbackOptions<T = unknown> {
  readonly signal?: AbortSignal | undefined;
  /**
   * True for results that are failures: the next step takes their place, and gets a {@link FailedResult}. When no step succeeds and the
   * first one gave such a result, that is given back. Default: none are.
   */
  readonly isFailedResult?: (value: T) => boolean;
  /** Metrics: a step failed, and `next` takes its place; undefined: there is none left. */
  readonly onFallback?: (notice: { readonly from: string; readonly next: string | undefined; readonly error: unknown }) => void;
}

/**
 * Tries one step after the other until one succeeds; the result says which, so that a lesser one is not taken for the real one. Rejects
 * with the first step's error when none does: that is the one that is worth mending. Cancellations are passed on at once.
 */
export async function fallbackChain<T>(
  steps: readonly [FallbackStep<T>, ...FallbackStep<T>[]],
  options: FallbackOptions<T> = {},
): Promise<FallbackResult<T>> {
  const failures: { source: string; error: unknown }[] = [];
  let step: FallbackStep<T> | undefined = steps[0];
  while (step !== undefined) {
    options.signal?.throwIfAborted();
    try {
      const value = await step.run(failures.at(-1)?.error);
      if (options.isFailedResult?.(value) === true) throw new FailedResult(value);
      return { value, source: step.name, degraded: failures.length > 0, failures };
    } catch (error) {
      options.signal?.throwIfAborted();
      if (dispositionOf(error) === 'cancelled') throw error;
      failures.push({ source: step.name, error });
      const next: FallbackStep<T> | undefined = following(steps, step, error);
      options.onFallback?.({ from: step.name, next: next?.name, error });
      step = next;
    }
  }
  const first = failures[0]?.error;
  if (first instanceof FailedResult) return { value: first.value as T, source: steps[0].name, degraded: false, failures };
  throw first;
}

function following<T>(steps: readonly FallbackStep<T>[], step: FallbackStep<T>, error: unknown): FallbackStep<T> | undefined {
  return steps.slice(steps.indexOf(step) + 1).find(({ when }) => when?.(error) ?? true);
}
