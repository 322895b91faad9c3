import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { AgentError, CancelledError, classifyError, OverloadError } from '@mainstay/types';
import { AbortScope, type Clock, checkNumber, systemClock, timeoutError } from '@mainstay/utils';
import { Piscina } from 'piscina';

const MB = 1_048_576;
/** When to come again after a refusal. */
const RETRY_AFTER_MS = 1_000;

export interface ThreadPoolOptions {
  /** Module that exports a function for each task; loaded in each thread. */
  readonly module: URL;
  /** Threads at most. Default: one less than the cores, so that the event loop keeps one. */
  readonly maxThreads?: number;
  /** Tasks that may wait; more are refused with `OVERLOADED`. Default 1,000. */
  readonly maxWaiting?: number;
  /** Heap of one thread, and so of one task. A task that needs more ends with `WORKER_OUT_OF_MEMORY`. Default 128 MiB. */
  readonly memoryBytes?: number;
  /** Of one task, its wait included. Default 10,000. */
  readonly timeoutMs?: number;
  /** A thread without work ends after so long. Default 10,000. */
  readonly idleMs?: number;
  readonly clock?: Clock;
}

export interface ThreadTaskOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Runs work that would block the event loop on threads. One task has a thread of its own while it runs. */
export interface ThreadPool {
  /**
   * Calls the module's function `task` with `input`, which is copied, and resolves with a copy of its result. A task that is out of
   * time or no longer wanted is ended at once, with its thread: also one in an endless loop.
   */
  run<T>(task: string, input: unknown, options?: ThreadTaskOptions): Promise<T>;
  readonly stats: Readonly<{ threads: number; waiting: number; completed: number }>;
  /** Ends all threads; tasks that run or wait are rejected with `CANCELLED`. */
  close(): Promise<void>;
}

/** @throws ConfigurationError `CONFIG_INVALID` that names the first wrong option and its value. */
export function createThreadPool(options: ThreadPoolOptions): ThreadPool {
  return new PiscinaPool(options);
}

class PiscinaPool implements ThreadPool {
  readonly #piscina: Piscina;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #memoryBytes: number;
  readonly #maxOutstanding: number;
  readonly #closing = new AbortController();
  /** Tasks that run or wait. */
  #outstanding = 0;

  constructor(options: ThreadPoolOptions) {
    const owner = 'thread pool';
    this.#clock = options.clock ?? systemClock;
    this.#timeoutMs = checkNumber(owner, 'timeoutMs', options.timeoutMs ?? 10_000, { min: 1 });
    this.#memoryBytes = checkNumber(owner, 'memoryBytes', options.memoryBytes ?? 128 * MB, { min: 8 * MB });
    const maxThreads = checkNumber(owner, 'maxThreads', options.maxThreads ?? Math.max(1, availableParallelism() - 1), {
      min: 1,
      integer: true,
    });
    this.#maxOutstanding = maxThreads + checkNumber(owner, 'maxWaiting', options.maxWaiting ?? 1_000, { min: 0, integer: true });
    this.#piscina = new Piscina({
      filename: fileURLToPath(options.module),
      minThreads: 0,
      maxThreads,
      idleTimeout: checkNumber(owner, 'idleMs', options.idleMs ?? 10_000, { min: 0 }),
      resourceLimits: { maxOldGenerationSizeMb: Math.floor(this.#memoryBytes / MB) },
      recordTiming: false,
    });
    // each task's own rejection tells of it
    this.#piscina.on('error', () => undefined);
  }

  get stats() {
    const { threads, queueSize, completed } = this.#piscina;
    return { threads: threads.length, waiting: queueSize, completed };
  }

  async run<T>(task: string, input: unknown, { timeoutMs = this.#timeoutMs, signal }: ThreadTaskOptions = {}): Promise<T> {
    signal?.throwIfAborted();
    this.#closing.signal.throwIfAborted();
    if (this.#outstanding >= this.#maxOutstanding) {
      throw new OverloadError('OVERLOADED', `No thread takes the task ${task}: too many wait`, {
        details: { task },
        retryAfterMs: RETRY_AFTER_MS,
      });
    }
    this.#outstanding += 1;
    using scope = new AbortScope(signal);
    scope.abortAfter(this.#clock, timeoutMs, () => timeoutError(`thread task ${task}`, timeoutMs));
    const onClose = () => {
      scope.abort(this.#closing.signal.reason);
    };
    this.#closing.signal.addEventListener('abort', onClose, { once: true });
    try {
      return (await this.#piscina.run(input, { name: task, signal: scope.signal })) as T;
    } catch (error) {
      scope.signal.throwIfAborted();
      throw this.#errorOf(error, task);
    } finally {
      this.#outstanding -= 1;
      this.#closing.signal.removeEventListener('abort', onClose);
    }
  }

  async close(): Promise<void> {
    this.#closing.abort(new CancelledError('CANCELLED', 'The thread pool has been closed'));
    await this.#piscina.destroy();
  }

  #errorOf(error: unknown, task: string): unknown {
    if (classifyError(error)?.code === 'WORKER_OUT_OF_MEMORY') {
      const details = { task, memoryBytes: this.#memoryBytes };
      return new AgentError('WORKER_OUT_OF_MEMORY', `The thread task ${task} needs more than ${this.#memoryBytes} bytes`, {
        details,
        cause: error,
      });
    }
    return error;
  }
}
