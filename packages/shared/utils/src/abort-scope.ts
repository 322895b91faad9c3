/** A signal of its own that also aborts when its parent does, until it is disposed. */
export class AbortScope implements Disposable {
  readonly #controller = new AbortController();
  readonly #parent: AbortSignal | undefined;
  readonly #onParent = () => {
    this.#controller.abort(this.#parent?.reason);
  };

  constructor(parent?: AbortSignal) {
    this.#parent = parent;
    if (parent?.aborted) this.#onParent();
    else parent?.addEventListener('abort', this.#onParent, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  [Symbol.dispose](): void {
    this.#parent?.removeEventListener('abort', this.#onParent);
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
