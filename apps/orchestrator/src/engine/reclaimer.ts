import type { Logger } from '@mainstay/observability';
import type { Transport } from '@mainstay/transport';
import { MainstayError, MESSAGE_VERSION, type TaskMessage } from '@mainstay/types';
import type { Applier } from './applier.ts';
import type { LostWorker, Members } from './members.ts';
import { ownerOf } from './rendezvous.ts';

export interface ReclaimerDeps {
  readonly self: string;
  readonly transport: Transport;
  readonly members: Members;
  readonly applier: Applier;
  readonly onReclaimed: (reason: LostWorker['reason'], tasks: number) => void;
  readonly logger: Logger;
}

/** A worker that is left to another orchestrator is looked after here as well after so long: that one may never have heard of it. */
const LEFT_MS = 1_000;

/** Takes tasks back from workers that died or fell silent, and gives them a new attempt. */
export class Reclaimer {
  readonly #deps: ReclaimerDeps;
  readonly #underWay = new Set<string>();
  /** Unknown readers that were absent at the last look. */
  #suspects = new Set<string>();
  /** Unknown readers that are present, and since when: a worker that works is heard within its lease. Own monotonic clock. */
  #unheard = new Map<string, number>();
  /** Lost workers for which another orchestrator is responsible, and since when. */
  readonly #left = new Map<string, { readonly worker: LostWorker; readonly since: number }>();

  constructor(deps: ReclaimerDeps) {
    this.#deps = deps;
  }

  /** Looks after workers whose heartbeats or presence ended. Each has one orchestrator that is responsible for it. */
  async reclaimLost(now: number): Promise<void> {
    const { members, self } = this.#deps;
    const orchestrators = members.sharers('takes-part');
    const lost = members.lostWorkers(now);
    const overdue = this.#overdue(now);
    if (lost.length + overdue.length === 0) return;
    const kinds = await this.#deps.transport.kinds();
    await Promise.all([
      ...overdue.map((worker) => this.#reclaim(worker, kinds)),
      ...lost.map(async (worker) => {
        if (ownerOf(worker.name, orchestrators) === self) await this.#reclaim(worker, kinds);
        else this.#left.set(worker.name, { worker, since: now });
        members.removeWorker(worker.name);
      }),
    ]);
  }

  /**
   * What was missed while the connection was down, or this process stood still, says nothing about anybody: those who were left to others
   * get a new term. They are not forgotten, since nobody else may know of them.
   */
  renewTerms(now: number): void {
    this.#unheard.clear();
    for (const [name, { worker }] of this.#left) this.#left.set(name, { worker, since: now });
  }

  /** Workers that were left to others long enough, and did not come back. */
  #overdue(now: number): readonly LostWorker[] {
    const due: LostWorker[] = [];
    for (const [name, { worker, since }] of this.#left) {
      const isBack = this.#deps.members.hasWorker(name);
      if (!isBack && now - since < LEFT_MS) continue;
      this.#left.delete(name);
      if (!isBack) due.push(worker);
    }
    return due;
  }

  /**
   * Looks for readers that nobody here knows and that are not present: they died while no orchestrator watched, or the one
   * that was responsible died as well. Two looks in a row must find them absent. One that is present and not heard for the length
   * of a lease hangs, and did so already when this orchestrator came.
   */
  async reclaimUnknown(now: number): Promise<void> {
    const { transport, members, self } = this.#deps;
    const kinds = await transport.kinds();
    const unknown = (await transport.readers(kinds)).filter((name) => !members.isKnown(name));
    if (unknown.length === 0) {
      this.#suspects.clear();
      this.#unheard.clear();
      return;
    }
    const present = await transport.present([self, ...unknown]);
    if (!present.has(self)) return;
    const absent = unknown.filter((name) => !present.has(name));
    const dead = absent.filter((name) => this.#suspects.has(name));
    this.#suspects = new Set(absent);
    const silent = this.#silent(
      unknown.filter((name) => present.has(name)),
      now,
    );
    const orchestrators = members.sharers('takes-part');
    for (const name of dead) if (ownerOf(name, orchestrators) === self) await this.#reclaim({ name, reason: 'died' }, kinds);
    for (const name of silent) if (ownerOf(name, orchestrators) === self) await this.#reclaim({ name, reason: 'silent' }, kinds);
  }

  /** Those that have not been heard for the length of a lease. */
  #silent(names: readonly string[], now: number): readonly string[] {
    this.#unheard = new Map(names.map((name) => [name, this.#unheard.get(name) ?? now]));
    return names.filter((name) => now - (this.#unheard.get(name) ?? now) >= this.#deps.members.leaseMs);
  }

  async #reclaim({ name, reason }: LostWorker, kinds: readonly string[]): Promise<void> {
    if (this.#underWay.has(name)) return;
    this.#underWay.add(name);
    try {
      await this.#takeBack({ name, reason }, kinds);
    } finally {
      this.#underWay.delete(name);
    }
  }

  async #takeBack({ name, reason }: LostWorker, kinds: readonly string[]): Promise<void> {
    const { transport, logger } = this.#deps;
    for (;;) {
      const pending = await transport.pendingTasksOf(name, kinds);
      if (pending.length === 0) break;
      const isDone = await Promise.all(pending.map(({ message }) => this.#lose(message, { name, reason })));
      const done = pending.filter((_, index) => isDone[index]);
      if (reason === 'silent' && done.length > 0)
        await this.#revoke(
          name,
          done.map(({ message: { run, task, fence } }) => ({ run, task, fence })),
        );
      await transport.dropTasks(done.map(({ receipt }) => receipt));
      if (done.length < pending.length) return;
      this.#deps.onReclaimed(reason, pending.length);
      logger.warn({ worker: name, reason, tasks: pending.length }, 'tasks were taken back from a worker');
    }
    if (reason === 'died') await transport.forget(name, kinds);
  }

  /** False when this engine stops: the task stays pending for whoever comes next. */
  async #lose({ run, task, fence }: TaskMessage, { name, reason }: LostWorker): Promise<boolean> {
    const { applier, logger } = this.#deps;
    try {
      await applier.apply(run, { type: 'lost', task, fence, worker: name, reason });
    } catch (error) {
      if (error instanceof MainstayError && error.code === 'SHUTTING_DOWN') return false;
      logger.warn({ err: error, run, task, fence }, 'a lost task could not be taken back; it is dropped');
    }
    return true;
  }

  /** A silent worker may still work: it is told to stop, though its results would not count anyhow. */
  async #revoke(worker: string, attempts: { run: string; task: string; fence: number }[]): Promise<void> {
    await this.#deps.transport.publish({ process: worker }, { v: MESSAGE_VERSION, type: 'cancel', attempts, reason: 'lease-lost' });
  }
}
