import type { Clock, TimerHandle } from './clock.ts';
import { currentDeadline, deadlineError } from './deadline.ts';
import { DueEntry, type DueList } from './due-list.ts';
import { strayWork } from './stray-work.ts';

/** How long a call may take. */
export interface Bound {
  /** For messages and for the count of work that does not stop. */
  readonly name: string;
  readonly clock: Clock;
  /** Undefined: no limit of its own. */
  readonly limit: DueList | undefined;
  /** Why it was given up when the limit is over. */
  readonly reason: () => unknown;
}

/** Hears why a call was given up. */
export type Watcher = (reason: unknown) => void;

/**
 * One call that can be given up: at its limit, at the deadline of the work that it is part of, or when its parent's signal aborts. Its
 * promise settles at once then, whatever the work does; the work's own end is ignored. Everything that costs (the signal, a timer, a
 * listener) comes into being when somebody needs it.
 */
export class BoundedCall<T> extends DueEntry {
  /** Which try it is, from 1. */
  readonly number: number;
  readonly promise: Promise<T>;
  readonly #bound: Bound;
  #resolve: ((value: T) => void) | undefined;
  #reject: ((reason: unknown) => void) | undefined;
  #controller: AbortController | undefined;
  #over = false;
  #abandoned = false;
  #reason: unknown;
  #timer: TimerHandle | undefined;
  #parent: AbortSignal | undefined;
  #onParent: (() => void) | undefined;
  /** One is the rule. */
  #watcher: Watcher | undefined;
  #otherWatchers: Set<Watcher> | undefined;
  #returned: (() => void) | undefined;

  constructor(bound: Bound, number = 1) {
    super();
    this.number = number;
    this.#bound = bound;
    this.promise = new Promise<T>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Aborts when the call is given up. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#abandoned) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  /** Calls `watcher` when the call is given up, until {@link unwatch}. */
  watch(watcher: Watcher): void {
    if (this.#watcher === undefined) this.#watcher = watcher;
    else (this.#otherWatchers ??= new Set()).add(watcher);
  }

  unwatch(watcher: Watcher): void {
    if (this.#watcher === watcher) this.#watcher = undefined;
    else this.#otherWatchers?.delete(watcher);
  }

  /** Throws why the call was given up, if it was. */
  throwIfAbandoned(): void {
    if (this.#abandoned) throw this.#reason;
  }

  /** Starts the work. Never throws: everything comes by the promise. */
  run(fn: (call: this) => Promise<T> | T, parent?: AbortSignal): Promise<T> {
    if (parent?.aborted) this.#fail(parent.reason);
    else if (this.#enter()) {
      if (parent !== undefined) this.#follow(parent);
      this.#start(fn);
    }
    return this.promise;
  }

  expire(): void {
    this.abandon(this.#bound.reason());
  }

  /** Gives the call up. */
  abandon(reason: unknown): void {
    if (this.#over) return;
    this.#abandoned = true;
    this.#reason = reason;
    this.#returned = strayWork.add(this.#bound.name, this.#bound.clock);
    this.#watcher?.(reason);
    for (const watcher of this.#otherWatchers ?? []) watcher(reason);
    this.#fail(reason);
    this.#controller?.abort(reason);
  }

  #start(fn: (call: this) => Promise<T> | T): void {
    let started: Promise<T> | T;
    try {
      started = fn(this);
    } catch (error) {
      this.#ended(error);
      return;
    }
    if (isThenable(started)) started.then(this.#onValue, this.#ended);
    else this.#onValue(started);
  }

  readonly #onValue = (value: T): void => {
    if (this.#over) {
      this.#returned?.();
      return;
    }
    this.#leave();
    this.#resolve?.(value);
  };

  readonly #ended = (error: unknown): void => {
    if (this.#over) this.#returned?.();
    else this.#fail(error);
  };

  #fail(reason: unknown): void {
    this.#leave();
    this.#reject?.(reason);
  }

  /** False if the time is over before it began. */
  #enter(): boolean {
    const { limit, name, clock } = this.#bound;
    const deadline = currentDeadline();
    if (deadline !== undefined) {
      const leftMs = deadline.leftMs();
      if (leftMs <= 0) {
        this.#fail(deadlineError(name, deadline));
        return false;
      }
      if (leftMs !== Number.POSITIVE_INFINITY && leftMs < (limit?.ms ?? Number.POSITIVE_INFINITY)) {
        this.#timer = clock.setTimeout(() => {
          this.abandon(deadlineError(name, deadline));
        }, leftMs);
        return true;
      }
    }
    limit?.enter(this);
    return true;
  }

  #follow(parent: AbortSignal): void {
    this.#parent = parent;
    this.#onParent = () => {
      this.abandon(parent.reason);
    };
    parent.addEventListener('abort', this.#onParent);
  }

  #leave(): void {
    this.#over = true;
    this.list?.leave(this);
    if (this.#timer !== undefined) this.#bound.clock.clearTimeout(this.#timer);
    if (this.#onParent !== undefined) this.#parent?.removeEventListener('abort', this.#onParent);
  }
}

/** A call as that what runs inside of it sees it. */
export type OuterCall = Pick<BoundedCall<never>, 'signal' | 'watch' | 'unwatch' | 'throwIfAbandoned'>;

/** The call that an options object stands for, if it is one. */
export function callOf(options: object | undefined): OuterCall | undefined {
  return options instanceof BoundedCall ? options : undefined;
}

function isThenable<T>(value: Promise<T> | T): value is Promise<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
