import type { Machine } from './machine.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';

/** How a network behaves at the moment. */
export interface Weather {
  /** Probability that a request, or an answer, is lost. */
  loss: number;
  /** Probability that a request that may be repeated is carried out twice. */
  duplicate: number;
  /** Probability that a message takes long. */
  slow: number;
  /** How long at most, in milliseconds. */
  slowMs: number;
}

export const FAIR: Readonly<Weather> = { loss: 0, duplicate: 0, slow: 0, slowMs: 0 };

export interface WireOptions {
  readonly scheduler: Scheduler;
  readonly machine: Machine;
  readonly random: Random;
  readonly weather: () => Readonly<Weather>;
  /** The far end answers. */
  readonly isServed: () => boolean;
  /** What a call rejects with that got no answer. */
  readonly unavailable: () => Error;
  readonly label: string;
  /** Told when the server has done what was asked, before its answer is on its way. */
  readonly onServed?: () => void;
}

export interface CallOptions {
  /** Without an answer for so long the call rejects. */
  readonly timeoutMs: number;
  /** Carrying it out twice is something that may happen. */
  readonly repeatable?: boolean;
}

/** The way between a process and a server, there and back. */
export class Wire {
  /** Nothing gets through, and nobody is told. */
  cut = false;
  readonly #options: WireOptions;
  readonly #open = new Set<() => void>();
  /** Counts connections: what one was carrying does not arrive by the next. */
  #connection = 0;

  constructor(options: WireOptions) {
    this.#options = options;
  }

  /** Carries out `op` at the server, if the request arrives; resolves with its answer, if that arrives. */
  call<T>(op: () => T | Promise<T>, { timeoutMs, repeatable = false }: CallOptions): Promise<T> {
    const { machine, unavailable, scheduler, onServed } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    if (!machine.alive) return promise;
    let isOpen = true;
    const settle = (end: () => void): void => {
      if (!isOpen) return;
      isOpen = false;
      timer.cancelled = true;
      this.#open.delete(fail);
      end();
    };
    const fail = (): void => {
      settle(() => {
        reject(unavailable());
      });
    };
    const timer = scheduler.in(timeoutMs, 'timeout', () => {
      machine.deliver(fail);
    });
    this.#open.add(fail);
    const back = (end: () => void): void => {
      this.#carry(() => {
        machine.deliver(() => {
          settle(end);
        });
      });
    };
    this.#carry(() => {
      this.#serve(op).then(
        (value) => {
          onServed?.();
          back(() => {
            resolve(value);
          });
        },
        (error: unknown) => {
          back(() => {
            reject(error instanceof Error ? error : new Error(String(error)));
          });
        },
      );
    });
    if (repeatable && this.#options.random.chance(this.#options.weather().duplicate))
      this.#carry(() => {
        this.#serve(op).catch(() => undefined);
      });
    return promise;
  }

  /** The connection is gone, with all that was on its way: whatever waits for an answer is told that there will be none. */
  break(): void {
    this.#connection += 1;
    for (const fail of [...this.#open]) fail();
  }

  /** Rejects as a refused connection does, after a moment. */
  refuse(): Promise<never> {
    const { machine, unavailable, random, scheduler } = this.#options;
    const { promise, reject } = Promise.withResolvers<never>();
    scheduler.in(random.between(0.1, 3), 'refused', () => {
      machine.deliver(() => {
        reject(unavailable());
      });
    });
    return promise;
  }

  /** Brings something to the other side, late or never. */
  #carry(arrive: () => void): void {
    const { scheduler, random, weather, label } = this.#options;
    const { loss, slow, slowMs } = weather();
    if (this.cut || random.chance(loss)) return;
    const ms = random.chance(slow) ? random.between(1, slowMs) : random.between(0.1, 1.5);
    const connection = this.#connection;
    scheduler.in(ms, label, () => {
      if (!this.cut && connection === this.#connection) arrive();
    });
  }

  #serve<T>(op: () => T | Promise<T>): Promise<T> {
    if (!this.#options.isServed()) return new Promise<T>(() => undefined);
    try {
      return Promise.resolve(op());
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
