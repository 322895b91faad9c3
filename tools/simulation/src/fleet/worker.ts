import { createWorker, type TaskContext, type Worker } from '@mainstay/agent';
import type { Transport } from '@mainstay/transport';
import type { Fleet } from './fleet.ts';
import { agentsOf } from './agents.ts';
import { SimulatedProcess } from './process.ts';

const LEASE_MS = 4_000;
/** Deadlines are kept with a timer, and clocks differ a little. */
const LEASE_SLACK_MS = 50;
const DRAIN_MS = 20_000;

/** The real worker loop in a simulated process. */
export class SimulatedWorker extends SimulatedProcess {
  readonly #worker: Worker;
  readonly #running = new Set<TaskContext>();
  /** True time at which the last heartbeat that got through was sent. */
  #heardAt: number;

  constructor(fleet: Fleet, name: string) {
    super(fleet, name, 'worker');
    this.#heardAt = fleet.scheduler.now;
    const transport = this.#watchHeartbeats(this.transport);
    this.#worker = createWorker({
      transport: fleet.variant.workerTransport?.(transport) ?? transport,
      agents: agentsOf({
        machine: this.machine,
        random: this.random,
        began: (ctx, input) => {
          this.#running.add(ctx);
          fleet.oracle.began(ctx, input, ctx.restored);
        },
        ended: (ctx) => this.#running.delete(ctx),
        hang: (ms) =>
          new Promise((resolve) => {
            fleet.scheduler.in(ms, 'hang', () => {
              this.machine.deliver(resolve);
            });
          }),
        die: () => {
          fleet.tell(name, 'is killed by an agent');
          this.kill();
        },
      }),
      logger: fleet.loggerOf(name),
      capacity: fleet.capacity,
      leaseMs: LEASE_MS,
      graceMs: 2_000,
      abortGraceMs: 500,
      host: 'simulated',
      clock: this.machine.clock,
    });
  }

  cutDatabase(): void {
    // Workers have no way to the database.
  }

  mendDatabase(): void {
    // Nor need it be mended.
  }

  resetDatabase(): void {
    // Nor can it break.
  }

  /** Whoever is not heard for the length of the lease must not work on. */
  checkAuthority(): void {
    const { machine, fleet } = this;
    if (!machine.alive || machine.paused || machine.awakeMs < LEASE_SLACK_MS) return;
    const silentMs = fleet.scheduler.now - this.#heardAt;
    if (silentMs <= LEASE_MS + LEASE_SLACK_MS) return;
    for (const { signal, run, task } of this.#running)
      if (!signal.aborted)
        fleet.onViolation('no work without a lease', `${machine.name} works on ${task}, unheard for ${Math.round(silentMs)} ms`, run);
  }

  protected async begin(): Promise<void> {
    await this.connect();
    await this.#worker.start();
  }

  protected async end(): Promise<void> {
    const { signal, clear } = this.deadline(DRAIN_MS);
    await this.#worker.drain(signal);
    clear();
    await this.#worker.stop();
    await this.transport.close();
  }

  protected died(): void {
    this.#running.clear();
  }

  protected onUp(): void {
    // The worker looks for itself.
  }

  #watchHeartbeats(transport: Transport): Transport {
    const { scheduler } = this.fleet;
    return new Proxy(transport, {
      get: (target, name: keyof Transport) => {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        if (name !== 'publish') return member.bind(target) as unknown;
        return async (...args: Parameters<Transport['publish']>): Promise<void> => {
          const begun = scheduler.now;
          await target.publish(...args);
          this.#heardAt = Math.max(this.#heardAt, begun);
        };
      },
    });
  }
}
