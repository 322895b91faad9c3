import { createEngine, type HostedEngine, transition } from '@mainstay/orchestrator/parts';
import { uuidv7 } from '@mainstay/types';
import { SimulatedStore } from '../database/simulated-store.ts';
import type { Fleet } from './fleet.ts';
import { SimulatedProcess } from './process.ts';

const DRAIN_MS = 20_000;

/** The real engine in a simulated process. */
export class SimulatedOrchestrator extends SimulatedProcess {
  readonly engine: HostedEngine;
  readonly #store: SimulatedStore;

  constructor(fleet: Fleet, name: string) {
    super(fleet, name, 'orchestrator');
    const { scheduler, database, databaseWeather, moods, variant, metrics, config } = fleet;
    const { machine, random } = this;
    const onServed = (): void => {
      this.served('database');
    };
    this.#store = new SimulatedStore({ database, scheduler, machine, random, weather: databaseWeather, moods, onServed });
    const { orchestratorStore, orchestratorTransport } = variant;
    const { store } = this.#store;
    const bytes = (target: Uint8Array): Uint8Array => {
      for (let i = 0; i < target.length; i++) target[i] = random.below(256);
      return target;
    };
    this.engine = createEngine({
      store: orchestratorStore?.(store) ?? store,
      transport: orchestratorTransport?.(this.transport) ?? this.transport,
      logger: fleet.loggerOf(name),
      metrics,
      clock: machine.clock,
      random: random.next,
      newId: () => uuidv7(store.now(), bytes),
      transition: variant.transition?.(transition) ?? transition,
      config,
    });
  }

  cutDatabase(): void {
    this.#store.cut();
  }

  mendDatabase(): void {
    this.#store.mend();
  }

  resetDatabase(): void {
    this.#store.reset();
  }

  protected async begin(): Promise<void> {
    await this.connect();
    await this.engine.start();
  }

  protected async end(): Promise<void> {
    const { signal, clear } = this.deadline(DRAIN_MS);
    // As in the process that hosts it: a drain that fails does not keep the rest from stopping.
    await this.engine.drain(signal).catch((error: unknown) => this.fleet.tell(this.name, `drain: ${String(error)}`));
    clear();
    await this.engine.stop();
    await this.transport.close();
  }

  protected died(): void {
    // Its calls never come back.
  }

  protected onUp(): void {
    this.engine.transportUp();
  }
}
