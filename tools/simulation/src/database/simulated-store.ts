import type { Store } from '@mainstay/orchestrator/parts';
import { DependencyError } from '@mainstay/types';
import type { Machine } from '../core/machine.ts';
import type { Random } from '../core/random.ts';
import type { Scheduler } from '../core/scheduler.ts';
import { type Weather, Wire } from '../core/wire.ts';
import type { Database } from './database.ts';

/** How the database treats calls at the moment, besides the network. */
export interface Moods {
  /** Probability that a transaction is rolled back. */
  abort: number;
  /** Probability that it is done, and its answer is an error. */
  unknown: number;
  /** Probability that it is done, long after its caller was told that it failed. */
  late: number;
}

export const CALM: Readonly<Moods> = { abort: 0, unknown: 0, late: 0 };

export interface SimulatedStoreOptions {
  readonly database: Database;
  readonly scheduler: Scheduler;
  readonly machine: Machine;
  readonly random: Random;
  readonly weather: () => Readonly<Weather>;
  readonly moods: () => Readonly<Moods>;
  /** Told when the database has done what was asked, before this process knows. */
  readonly onServed: () => void;
}

const STATEMENT_TIMEOUT_MS = 5_000;
const LATE_MS = 3_000;
/** How wrong the estimate of the database's clock may be. */
const CLOCK_ERROR_MS = 15;

/** A process's pool of connections to the simulated database. */
export class SimulatedStore {
  readonly store: Store;
  readonly #options: SimulatedStoreOptions;
  readonly #wire: Wire;

  constructor(options: SimulatedStoreOptions) {
    this.#options = options;
    const { scheduler, machine, random, weather, database, onServed } = options;
    const unavailable = (): Error => new DependencyError('POSTGRES_UNAVAILABLE', `The database does not answer ${machine.name}`);
    this.#wire = new Wire({ scheduler, machine, random, weather, isServed: () => database.up, unavailable, label: 'database', onServed });
    const error = random.between(-CLOCK_ERROR_MS, CLOCK_ERROR_MS);
    this.store = this.#front(() => Math.floor(database.store.now() + error));
  }

  cut(): void {
    this.#wire.cut = true;
  }

  mend(): void {
    this.#wire.cut = false;
  }

  /** All connections break. */
  reset(): void {
    this.#options.machine.deliver(() => {
      this.#wire.break();
    });
  }

  /** The same methods, each a call over the network. */
  #front(now: () => number): Store {
    const { store } = this.#options.database;
    return new Proxy(store, {
      get: (_target, name: keyof Store) => {
        if (name === 'now') return now;
        const method = Reflect.get(store, name) as (...args: readonly unknown[]) => Promise<unknown>;
        return (...args: readonly unknown[]) => this.#call(() => method(...args));
      },
    });
  }

  #call<T>(op: () => Promise<T>): Promise<T> {
    const { machine, database, random, moods, scheduler } = this.#options;
    if (!machine.alive) return new Promise<T>(() => undefined);
    if (!database.up) return this.#wire.refuse();
    const { abort, unknown, late } = moods();
    const fail = (): Promise<never> => Promise.reject(new DependencyError('POSTGRES_UNAVAILABLE', 'The connection broke'));
    const mood = random.next();
    if (mood < abort) return this.#wire.call(fail, { timeoutMs: STATEMENT_TIMEOUT_MS });
    if (mood < abort + unknown) return this.#wire.call(() => op().then(fail), { timeoutMs: STATEMENT_TIMEOUT_MS });
    if (mood < abort + unknown + late) {
      scheduler.in(random.between(1, LATE_MS), 'late', () => {
        if (database.up) op().catch(() => undefined);
      });
      return this.#wire.call(fail, { timeoutMs: STATEMENT_TIMEOUT_MS });
    }
    return this.#wire.call(op, { timeoutMs: STATEMENT_TIMEOUT_MS });
  }
}
