import type { Side } from '@mainstay/transport';
import { SimulatedTransport } from '../carrier/simulated-transport.ts';
import { Machine } from '../core/machine.ts';
import type { Random } from '../core/random.ts';
import type { Fleet } from './fleet.ts';

/** A process of the simulated system, from its start to its end. */
export abstract class SimulatedProcess {
  readonly machine: Machine;
  readonly transport: SimulatedTransport;
  protected readonly fleet: Fleet;
  protected readonly random: Random;
  /** It is shutting down in order. */
  stopping = false;
  /** It has begun to work. */
  ready = false;
  /** It dies when this server has done so many more things for it, before it knows of the last. */
  doom: { readonly server: 'carrier' | 'database'; left: number } | undefined;

  constructor(fleet: Fleet, name: string, side: Side) {
    this.fleet = fleet;
    const { scheduler, broker, carrierWeather } = fleet;
    const random = (this.random = fleet.random.fork(name));
    const drift = random.between(-0.0005, 0.0005);
    const machine = (this.machine = new Machine(scheduler, { name, drift, wallOffsetMs: random.between(-200, 200) }));
    const events = {
      onUp: (): void => {
        this.onUp();
      },
    };
    const onServed = (): void => {
      this.served('carrier');
    };
    this.transport = new SimulatedTransport({ broker, scheduler, machine, side, random, weather: carrierWeather, events, onServed });
  }

  get name(): string {
    return this.machine.name;
  }

  /** Begins to work. A start that fails is the end of the process. */
  start(): void {
    this.begin().then(
      () => {
        this.ready = true;
      },
      (error: unknown) => {
        this.fleet.tell(this.name, `could not start: ${String(error)}`);
        this.kill();
      },
    );
  }

  /** Shuts down in order, as at a SIGTERM; before it has begun to work it just ends. */
  stop(): void {
    if (this.stopping) return;
    if (!this.ready) {
      this.kill();
      return;
    }
    this.stopping = true;
    this.machine.deliver(() => {
      this.end().then(
        () => {
          this.#exit();
        },
        (error: unknown) => {
          this.fleet.onViolation('a stop succeeds', `${this.name}: ${String(error)}`);
          this.kill();
        },
      );
    });
  }

  kill(): void {
    if (!this.machine.alive) return;
    this.machine.kill();
    this.transport.died();
    this.died();
  }

  /** The database and the carrier are not reached any more. */
  abstract cutDatabase(): void;
  abstract mendDatabase(): void;
  abstract resetDatabase(): void;

  protected abstract begin(): Promise<void>;
  protected abstract end(): Promise<void>;
  protected abstract died(): void;
  protected abstract onUp(): void;

  protected served(server: 'carrier' | 'database'): void {
    if (this.doom?.server !== server || --this.doom.left > 0 || !this.machine.alive) return;
    this.fleet.tell(this.name, `dies before it hears that the ${server} has done what it asked for`);
    this.kill();
  }

  protected async connect(): Promise<void> {
    for (;;) {
      try {
        await this.transport.start();
        return;
      } catch {
        await this.machine.clock.sleep(200);
      }
    }
  }

  /** A signal that aborts after so long. */
  protected deadline(ms: number): { readonly signal: AbortSignal; readonly clear: () => void } {
    const controller = new AbortController();
    const timer = this.machine.clock.setTimeout(() => {
      controller.abort(new Error('the time is over'));
    }, ms);
    return {
      signal: controller.signal,
      clear: () => {
        this.machine.clock.clearTimeout(timer);
      },
    };
  }

  #exit(): void {
    const { timers } = this.machine;
    if (this.machine.alive && timers > 0) this.fleet.onViolation('nothing is leaked', `${this.name} stopped and left ${timers} timers`);
    this.fleet.tell(this.name, 'has stopped');
    this.kill();
  }
}
