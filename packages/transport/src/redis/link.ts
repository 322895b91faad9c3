import { type CommonRedisOptions, Redis, type StandaloneConnectionOptions } from 'ioredis';

/** Settings of a connection. */
export type LinkOptions = Omit<CommonRedisOptions, 'replyMapping'> & Pick<StandaloneConnectionOptions, 'disconnectTimeout'>;

export interface LinkHooks {
  /** Runs on every new connection before it counts as usable; a rejection starts the connection anew. */
  readonly prepare?: (redis: Redis) => Promise<void>;
  readonly onChange: (error: Error | undefined) => void;
}

/** One connection that comes back by itself until it is closed. */
export class Link {
  readonly redis: Redis;
  readonly #hooks: LinkHooks;
  readonly #waiting = new Set<() => void>();
  /** Counts connections, so that what a former one was preparing is not taken for the present one. */
  #generation = 0;
  #ready = false;
  #lastError: Error | undefined;

  constructor(url: string, options: LinkOptions, hooks: LinkHooks) {
    this.#hooks = hooks;
    this.redis = new Redis(url, { ...options, lazyConnect: true });
    this.redis.on('ready', () => void this.#onReady());
    this.redis.on('error', (error: Error) => (this.#lastError = error));
    this.redis.on('close', () => {
      this.#lose(this.#lastError ?? new Error('the connection was closed'));
    });
    // A failed first attempt is followed by others; the error handler has its reason.
    this.redis.connect().catch(() => undefined);
  }

  get ready(): boolean {
    return this.#ready;
  }

  get lastError(): Error | undefined {
    return this.#lastError;
  }

  /** Resolves when the link changed its state; look again then. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  /** Drops the connection, which is taken for dead, without waiting for the other side; a new one is made. */
  reset(error: Error): void {
    this.#lastError = error;
    this.#lose(error);
    this.redis.disconnect(true);
    destroy(this.redis.stream);
  }

  close(): void {
    this.redis.disconnect();
    destroy(this.redis.stream);
    this.#lose(new Error('the transport is closed'));
  }

  async #onReady(): Promise<void> {
    this.#generation += 1;
    const generation = this.#generation;
    try {
      await this.#hooks.prepare?.(this.redis);
      if (generation !== this.#generation || this.redis.status !== 'ready') return;
      this.#ready = true;
      this.#lastError = undefined;
      this.#notify(undefined);
    } catch (error) {
      if (generation === this.#generation) this.reset(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #lose(error: Error): void {
    this.#generation += 1;
    this.#ready = false;
    this.#notify(error);
  }

  #notify(error: Error | undefined): void {
    this.#hooks.onChange(error);
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

/** The stream does not exist before the first attempt, whatever its type says. */
function destroy(stream: { destroy(): unknown } | undefined): void {
  stream?.destroy();
}
