import type { Clock, TimerHandle } from './clock.ts';
import { type Deadline, deadlineError, underDeadline } from './deadline.ts';
import { strayWork } from './stray-work.ts';
import { type LevelOptions, limitMs } from './timeout-levels.ts';
import { timeoutError } from './with-timeout.ts';

/** What work under a limit gets to see. */
export interface TimeoutContext {
  /** Aborts when the time is over or the caller gives up. */
  readonly signal: AbortSignal;
  /** That of this call, or its parent's if that comes first. */
  readonly deadline: Deadline;
  /** Proof that the work gets on: with the strategy `progressive`, it has more time then; otherwise nothing happens. */
  readonly progress: () => void;
}

/** How a call under a limit ended. */
export type TimeoutEnd =
  /** In time. */
  | 'done'
  /** After its limit, within the grace. */
  | 'late'
  /** Given up; the work had not ended. */
  | 'abandoned'
  /** The caller gave up. */
  | 'cancelled';

export interface TimedCallOptions {
  readonly name: string;
  readonly level: LevelOptions;
  /** From 1. */
  readonly attempt: number;
  readonly clock: Clock;
  readonly parent: Deadline | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onEnd: (end: TimeoutEnd, cutByParent: boolean) => void;
}

/** One call under a limit of time; see {@link TimeoutStrategy}. */
export class TimedCall<T> implements TimeoutContext {
  readonly deadline: Deadline;
  readonly #options: TimedCallOptions;
  readonly #controller = new AbortController();
  readonly #outcome = Promise.withResolvers<T>();
  readonly #begunAt: number;
  readonly #limitMs: number;
  #until: number;
  #timer: TimerHandle | undefined;
  /** Set when the time was over. */
  #late: unknown;
  #returned: (() => void) | undefined;
  #over = false;

  readonly progress = (): void => {
    const { level, clock } = this.#options;
    if (level.strategy !== 'progressive' || this.#late !== undefined) return;
    const wanted = Math.max(this.#until, clock.monotonic() + level.extendMs);
    this.#until = Math.min(wanted, Math.max(this.#until, this.#begunAt + level.maxMs));
  };

  constructor(options: TimedCallOptions) {
    this.#options = options;
    this.#begunAt = options.clock.monotonic();
    this.#limitMs = limitMs(options.level, options.attempt);
    this.#until = this.#begunAt + this.#limitMs;
    this.deadline = { name: options.name, leftMs: () => this.#leftMs() };
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  async run(fn: (context: TimeoutContext) => Promise<T> | T): Promise<T> {
    const { signal, parent, name } = this.#options;
    signal?.throwIfAborted();
    if (parent !== undefined && parent.leftMs() <= 0) {
      this.#options.onEnd('abandoned', true);
      throw deadlineError(name, parent);
    }
    signal?.addEventListener('abort', this.#onAbort);
    this.#watch();
    underDeadline(this.deadline, () => start(fn, this)).then(this.#onValue, this.#onError);
    try {
      return await this.#outcome.promise;
    } finally {
      signal?.removeEventListener('abort', this.#onAbort);
      this.#options.clock.clearTimeout(this.#timer);
    }
  }

  #leftMs(): number {
    const { clock, parent } = this.#options;
    return Math.min(this.#until - clock.monotonic(), parent?.leftMs() ?? Number.POSITIVE_INFINITY);
  }

  get #cutByParent(): boolean {
    const { clock, parent } = this.#options;
    return parent !== undefined && parent.leftMs() < this.#until - clock.monotonic();
  }

  /** Looks again when the time should be over, since progress may have moved the end. */
  #watch(): void {
    this.#timer = this.#options.clock.setTimeout(
      () => {
        if (this.#leftMs() > 0) this.#watch();
        else this.#expire();
      },
      Math.max(0, Math.ceil(this.#leftMs())),
    );
  }

  #expire(): void {
    const { name, level, clock, parent } = this.#options;
    const takenMs = Math.round(this.#until - this.#begunAt);
    const error = this.#cutByParent && parent !== undefined ? deadlineError(name, parent) : timeoutError(name, takenMs);
    this.#late = error;
    const graceMs = level.strategy === 'graceful' && !this.#cutByParent ? Math.min(level.graceMs, parent?.leftMs() ?? level.graceMs) : 0;
    if (graceMs <= 0) this.#giveUp('abandoned', error);
    else {
      this.#timer = clock.setTimeout(() => {
        this.#giveUp('abandoned', error);
      }, graceMs);
    }
    this.#controller.abort(error);
  }

  readonly #onAbort = (): void => {
    const reason: unknown = this.#options.signal?.reason;
    this.#giveUp('cancelled', reason);
    this.#controller.abort(reason);
  };

  #giveUp(end: TimeoutEnd, reason: unknown): void {
    if (this.#over) return;
    this.#returned = strayWork.add(this.#options.name, this.#options.clock);
    this.#end(end);
    this.#outcome.reject(reason);
  }

  readonly #onValue = (value: T): void => {
    if (this.#over) this.#returned?.();
    else {
      this.#end(this.#late === undefined ? 'done' : 'late');
      this.#outcome.resolve(value);
    }
  };

  readonly #onError = (error: unknown): void => {
    if (this.#over) this.#returned?.();
    else {
      this.#end(this.#late === undefined ? 'done' : 'late');
      this.#outcome.reject(this.#late ?? error);
    }
  };

  #end(end: TimeoutEnd): void {
    const cut = this.#late !== undefined && this.#cutByParent;
    this.#over = true;
    this.#options.onEnd(end, cut);
  }
}

async function start<T>(fn: (context: TimeoutContext) => Promise<T> | T, context: TimeoutContext): Promise<T> {
  return fn(context);
}
