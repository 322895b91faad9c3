import type { Random } from '../core/random.ts';
import { FAIR, type Weather } from '../core/wire.ts';
import { CALM, type Moods } from '../database/simulated-store.ts';
import type { Fault, Plan } from '../core/plan.ts';
import type { Fleet } from './fleet.ts';
import { SimulatedOrchestrator } from './orchestrator.ts';
import type { SimulatedProcess } from './process.ts';
import { SimulatedWorker } from './worker.ts';

/** Where a process runs; when it ends, another one begins there. */
interface Seat {
  readonly label: string;
  readonly side: 'orchestrator' | 'worker';
  process: SimulatedProcess | undefined;
  starts: number;
}

/** How the surroundings behave at the moment. */
export interface Surroundings {
  carrier: Weather;
  database: Weather;
  moods: Moods;
}

export function fairSurroundings(): Surroundings {
  return { carrier: { ...FAIR }, database: { ...FAIR }, moods: { ...CALM } };
}

const SUPERVISE_MS = 50;
/** A doomed process is served so often at most. */
const MAX_LEFT = 8;

/** The processes of a simulated installation, and what befalls them. */
export class System {
  readonly #fleet: Fleet;
  readonly #random: Random;
  readonly #seats: readonly Seat[];
  readonly #surroundings: Surroundings;
  #restarts = true;
  readonly #treacherous: boolean;

  constructor(fleet: Fleet, plan: Plan, surroundings: Surroundings) {
    this.#fleet = fleet;
    this.#random = fleet.random.fork('system');
    this.#surroundings = surroundings;
    this.#treacherous = plan.treacherous;
    this.#seats = [
      ...Array.from({ length: plan.orchestrators }, (_, n): Seat => ({
        label: `o${n + 1}`,
        side: 'orchestrator',
        process: undefined,
        starts: 0,
      })),
      ...Array.from({ length: plan.workers }, (_, n): Seat => ({ label: `w${n + 1}`, side: 'worker', process: undefined, starts: 0 })),
    ];
  }

  get orchestrators(): SimulatedOrchestrator[] {
    return this.#living()
      .filter((process) => process instanceof SimulatedOrchestrator)
      .filter(({ stopping }) => !stopping);
  }

  /** None of its processes is left. */
  get over(): boolean {
    return this.#living().length === 0;
  }

  begin(): void {
    for (const seat of this.#seats) this.#occupy(seat);
    this.#supervise();
  }

  /** Stops all processes of a side in order; none begins any more. */
  stopAll(side: 'orchestrator' | 'worker'): void {
    this.#restarts = false;
    for (const seat of this.#seats) if (seat.side === side) seat.process?.stop();
  }

  strike(fault: Fault): void {
    const { tell, scheduler, broker, database } = this.#fleet;
    const { seat: index, forMs, force } = fault;
    const seat = this.#seats[index % this.#seats.length];
    const process = seat?.process?.machine.alive === true ? seat.process : undefined;
    const later = (run: () => void): void => void scheduler.in(forMs, 'fault over', run);
    tell('fault', `${fault.kind}${seat === undefined ? '' : ` ${process?.name ?? seat.label}`}${forMs > 0 ? ` for ${forMs} ms` : ''}`);
    switch (fault.kind) {
      case 'kill':
        process?.kill();
        return;
      case 'kill-at-write':
        if (process !== undefined) process.doom = { server: 'database', left: 1 + Math.floor(force * MAX_LEFT) };
        return;
      case 'kill-at-message':
        if (process !== undefined) process.doom = { server: 'carrier', left: 1 + Math.floor(force * MAX_LEFT) };
        return;
      case 'stop':
        process?.stop();
        return;
      case 'restart-all':
        this.#restarts = false;
        for (const { process: each } of this.#seats) each?.stop();
        later(() => {
          this.#restarts = true;
        });
        return;
      case 'pause':
        process?.machine.pause();
        later(() => process?.machine.resume());
        return;
      case 'cut-carrier':
        process?.transport.cut();
        later(() => process?.transport.mend());
        return;
      case 'cut-database':
        process?.cutDatabase();
        later(() => process?.mendDatabase());
        return;
      case 'reset-carrier':
        process?.transport.reset();
        return;
      case 'carrier-wiped':
        broker.wipe();
        return;
      case 'carrier-restarts-empty':
        broker.wipe();
        this.#carrierDown(later);
        return;
      case 'carrier-restarts':
        this.#carrierDown(later);
        return;
      case 'carrier-forgets':
        broker.forgetLatest();
        this.#carrierDown(later);
        return;
      case 'database-restarts':
        database.up = false;
        for (const each of this.#living()) each.resetDatabase();
        later(() => {
          database.up = true;
        });
        return;
      case 'carrier-storm':
        this.#surroundings.carrier = { loss: 0.3 * force, duplicate: 0.3 * force, slow: 0.5 * force, slowMs: 1_500 * force };
        later(() => {
          this.#surroundings.carrier = { ...FAIR };
        });
        return;
      case 'database-storm':
        this.#surroundings.database = { loss: 0.1 * force, duplicate: 0, slow: 0.5 * force, slowMs: 1_500 * force };
        later(() => {
          this.#surroundings.database = { ...FAIR };
        });
        return;
      case 'database-moods':
        this.#surroundings.moods = { abort: 0.3 * force, unknown: 0.3 * force, late: this.#treacherous ? 0.2 * force : 0 };
        later(() => {
          this.#surroundings.moods = { ...CALM };
        });
        return;
      case 'clock-jump':
        if (process !== undefined) process.machine.wallOffsetMs += (force - 0.5) * 7_200_000;
    }
  }

  /** Whatever is still out of order is mended. */
  mend(): void {
    const { broker, database } = this.#fleet;
    broker.up = true;
    database.up = true;
    this.#restarts = true;
    Object.assign(this.#surroundings, fairSurroundings());
    for (const process of this.#living()) {
      process.transport.mend();
      process.mendDatabase();
      process.machine.resume();
    }
  }

  #carrierDown(later: (run: () => void) => void): void {
    const { broker } = this.#fleet;
    broker.up = false;
    for (const process of this.#living()) process.transport.reset();
    later(() => {
      broker.up = true;
    });
  }

  #living(): SimulatedProcess[] {
    return this.#seats.flatMap(({ process }) => (process?.machine.alive === true ? [process] : []));
  }

  #occupy(seat: Seat): void {
    const name = `${seat.label}.${++seat.starts}`;
    seat.process = seat.side === 'orchestrator' ? new SimulatedOrchestrator(this.#fleet, name) : new SimulatedWorker(this.#fleet, name);
    this.#fleet.tell(name, 'begins');
    seat.process.start();
  }

  /** Begins processes where none is, after a moment, and looks after the rule of leases. */
  #supervise(): void {
    this.#fleet.scheduler.in(SUPERVISE_MS, 'supervisor', () => {
      for (const seat of this.#seats) {
        if (seat.process instanceof SimulatedWorker) seat.process.checkAuthority();
        if (this.#restarts && seat.process?.machine.alive === false && this.#random.chance(0.15)) this.#occupy(seat);
      }
      this.#supervise();
    });
  }
}
