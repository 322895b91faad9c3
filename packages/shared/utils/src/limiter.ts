import { OverloadError } from '@mainstay/types';
import { checkNumber } from './check-option.ts';

export interface LimiterOptions {
  /** Callers that may wait; more are refused with `OVERLOADED`. Default 10,000. */
  readonly maxWaiting?: number;
  /** For messages. Default `limiter`. */
  readonly name?: string;
}

/** Runs at most a fixed number of functions at the same time; the others wait in the order in which they came. */
export interface Limiter {
  /** Rejects with the signal's reason if it aborts before the turn comes; a function that has begun is not interrupted. */
  run<T>(fn: () => Promise<T> | T, options?: { readonly signal?: AbortSignal | undefined }): Promise<T>;
  readonly active: number;
  readonly waiting: number;
}

export function createLimiter(concurrency: number, options: LimiterOptions = {}): Limiter {
  const { name = 'limiter', maxWaiting = 10_000 } = options;
  checkNumber(name, 'concurrency', concurrency, { min: 1, integer: true });
  checkNumber(name, 'maxWaiting', maxWaiting, { min: 0, integer: true });
  const queue = new Set<() => void>();
  let active = 0;

  const release = () => {
    const [next] = queue;
    if (next === undefined) active -= 1;
    else next();
  };

  /** Resolves when the caller holds a place; a place that is released passes straight to the longest-waiting caller. */
  const enter = async (signal?: AbortSignal): Promise<void> => {
    if (active < concurrency) {
      active += 1;
      return;
    }
    if (queue.size >= maxWaiting) {
      throw new OverloadError('OVERLOADED', `${name}: ${active} calls run and ${queue.size} wait already`, { details: { limiter: name } });
    }
    const admitted = await new Promise<boolean>((resolve) => {
      const leave = (mine: boolean) => {
        queue.delete(turn);
        signal?.removeEventListener('abort', onAbort);
        resolve(mine);
      };
      const turn = () => {
        leave(true);
      };
      const onAbort = () => {
        leave(false);
      };
      queue.add(turn);
      signal?.addEventListener('abort', onAbort);
    });
    if (!admitted) signal?.throwIfAborted();
  };

  return {
    async run(fn, { signal } = {}) {
      signal?.throwIfAborted();
      await enter(signal);
      try {
        return await fn();
      } finally {
        release();
      }
    },
    get active() {
      return active;
    },
    get waiting() {
      return queue.size;
    },
  };
}
