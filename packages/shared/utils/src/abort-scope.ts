import type { Clock, TimerHandle } from './clock.ts';

/** A signal of its own that also aborts when its parent does, until it is disposed. */
export class AbortScope implements Disposable {
  readonly #controller = new AbortController();
  readonly #timers: TimerHandle[] = [];
  readonly #parent: AbortSignal | undefined;
  readonly #onParent = () => {
    this.#controller.abort(this.#parent?.reason);
  };

  constructor(parent?: AbortSignal) {
    this.#parent = parent;
    if (parent?.aborted) this.#onParent();
    else parent?.addEventListener('abort', this.#onParent, { once: true });
  }

  /** Aborts with the reason after `ms` milliseconds, unless the scope is disposed before; never for `Infinity`. */
  abortAfter(clock: Pick<Clock, 'setTimeout'>, ms: number, reason: () => unknown): void {
    if (ms === Number.POSITIVE_INFINITY) return;
    this.#timers.push(
      clock.setTimeout(() => {
        this.abort(reason());
      }, ms),
    );
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  [Symbol.dispose](): void {
    this.#parent?.removeEventListener('abort', this.#onParent);
    for (const timer of this.#timers) timer[Symbol.dispose]();
  }
}

/**
 * Runs `fn` but stops waiting for it the moment the signal aborts: then it rejects with the signal's reason, whatever
 * `fn` does. The abandoned work's own end is ignored.
 */
export async function raceAbort<T>(fn: () => Promise<T> | T, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => {
    reject(signal.reason);
  };
  signal.addEventListener('abort', onAbort);
  try {
    return await Promise.race([start(fn), aborted]);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

async function start<T>(fn: () => Promise<T> | T): Promise<T> {
  return fn();
}
