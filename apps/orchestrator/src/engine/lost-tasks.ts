import type { Logger } from '@mainstay/observability';
import { partitionOf, type Transport } from '@mainstay/transport';
import type { Clock } from '@mainstay/utils';
import type { AttemptRow, Store } from '../store/store.ts';
import type { Applier } from './applier.ts';
import type { MissingKind } from './engine.ts';
import type { WaitingTasks } from './engine-metrics.ts';
import type { EngineOptions } from './engine-options.ts';
import type { Epochs } from './epochs.ts';
import type { Marks } from './marks.ts';
import { attemptKey, type Members } from './members.ts';
import { MissingTasks } from './missing-tasks.ts';
import type { StoreReach } from './store-reach.ts';

export const REDISPATCHES = ['epoch', 'unpublished', 'missing'] as const;
export type Redispatch = (typeof REDISPATCHES)[number];

export interface LostTasksDeps {
  readonly store: Store;
  readonly transport: Transport;
  readonly applier: Applier;
  readonly members: Members;
  readonly marks: Marks;
  readonly reach: Pick<StoreReach, 'doubtful'>;
  readonly epochs: Epochs;
  /** Whether runs of a partition are this orchestrator's to look after. */
  readonly owns: (partition: number) => boolean;
  /** See {@link EngineOptions}. */
  readonly onDied?: EngineOptions['onDied'];
  /** The transport is up and takes nothing for want of room: what it should have had is not missing, but waits with this orchestrator. */
  readonly full: () => boolean;
  readonly onRedispatched: (reason: Redispatch, tasks: number) => void;
  /** See {@link MissingTasks}. */
  readonly onWaiting?: (tasks: readonly WaitingTasks[]) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  /** After a change of epoch, so long are the workers given to say what they still run. */
  readonly graceMs: number;
  /** A dispatched task that no lane and no worker has for so long is dispatched anew. */
  readonly missingMs: number;
}

const PAGE = 500;

/** Finds dispatched tasks that will never come to a worker, and has them dispatched anew. */
export class LostTasks {
  readonly #deps: LostTasksDeps;
  readonly #missing: MissingTasks;
  /** Dead orchestrators that are being told of. */
  readonly #buried = new Set<string>();
  /** The epoch of which it is known that nothing outstanding is from another one. */
  #settledEpoch: string | undefined;

  constructor(deps: LostTasksDeps) {
    this.#deps = deps;
    this.#missing = new MissingTasks(deps);
  }

  get missingKinds(): readonly MissingKind[] {
    return this.#missing.kinds;
  }

  /** Something was outstanding at the last look, or may be from an earlier epoch. */
  get expected(): boolean {
    const { epochs, marks } = this.#deps;
    return this.#missing.outstanding > 0 || (epochs.ageMs() !== undefined && this.#settledEpoch !== marks.epoch);
  }

  /** A thorough look also asks for orchestrators that are gone, and counts even if that takes long. */
  async look(thorough: boolean): Promise<void> {
    if (thorough || this.#deps.members.stuck().length > 0) await this.#adoptUnpublished();
    await this.#redispatchLostEpochs();
    if (!thorough && this.#missing.costly) return;
    const missing = await this.#missing.look(thorough);
    if (!this.#deps.full()) await this.#undelivered('missing', missing);
  }

  /** Orchestrators on record that are gone, or stuck: what they committed and did not publish for certain. */
  async #adoptUnpublished(): Promise<void> {
    const { store, members, transport, reach } = this.#deps;
    if (!transport.up) return;
    const stuck = members.stuck();
    if (stuck.length > 0 && !reach.doubtful) await this.#redispatch('unpublished', () => store.unpublished(stuck, PAGE));
    const strangers = (await store.orchestrators()).filter((name) => !members.isOrchestrator(name));
    if (strangers.length === 0) return;
    const present = await transport.present([members.self, ...strangers]);
    if (!present.has(members.self)) return;
    const dead = strangers.filter((name) => !present.has(name));
    if (dead.length === 0) return;
    await this.#redispatch('unpublished', () => store.unpublished(dead, PAGE));
    for (const name of dead) {
      members.forget(name);
      if (this.#deps.onDied === undefined) await store.checkOut(name);
      else if (this.#deps.owns(partitionOf(name))) this.#bury(name, this.#deps.onDied);
    }
  }

  /** Tells of a dead orchestrator, and takes it off the record afterwards; nothing waits for it. */
  #bury(name: string, onDied: NonNullable<EngineOptions['onDied']>): void {
    if (this.#buried.has(name)) return;
    const { store, logger } = this.#deps;
    this.#buried.add(name);
    onDied(name)
      .then(() => store.checkOut(name))
      .catch((error: unknown) => {
        logger.debug({ err: error, orchestrator: name }, 'a dead orchestrator stays on record for now');
      })
      .finally(() => this.#buried.delete(name));
  }

  /** What was sent in an earlier epoch and no live worker says it has. Once there is nothing of that kind, none can come any more. */
  async #redispatchLostEpochs(): Promise<void> {
    const { store, marks, epochs, members, graceMs, transport } = this.#deps;
    const age = epochs.ageMs();
    const { epoch } = marks;
    if (this.#settledEpoch === epoch || age === undefined || age < graceMs || !transport.up) return;
    const running = members.runningAttempts();
    const attempts = await store.ofOtherEpochs(epoch, 20 * PAGE);
    if (attempts.length === 0) this.#settledEpoch = epoch;
    await this.#undelivered(
      'epoch',
      attempts.filter((attempt) => !running.has(attemptKey(attempt))),
    );
  }

  async #redispatch(reason: 'unpublished', next: () => Promise<readonly AttemptRow[]>): Promise<void> {
    for (;;) {
      const attempts = await next();
      await this.#undelivered(reason, attempts);
      if (attempts.length < PAGE) return;
    }
  }

  async #undelivered(reason: Redispatch, attempts: readonly AttemptRow[]): Promise<void> {
    if (attempts.length === 0) return;
    const { applier, logger, onRedispatched } = this.#deps;
    await settled(
      attempts.map(({ run, task, fence }) => applier.apply(run, { type: 'undelivered', task, fence })),
      logger,
    );
    logger.warn({ reason, tasks: attempts.length }, 'tasks were dispatched anew');
    onRedispatched(reason, attempts.length);
  }
}

/** Waits for inputs to be applied; tells of those that were not. */
export async function settled(applications: readonly Promise<unknown>[], logger: Logger): Promise<void> {
  for (const outcome of await Promise.allSettled(applications)) {
    if (outcome.status === 'rejected') logger.warn({ err: outcome.reason }, 'the sweeper could not apply an input');
  }
}
