import type { Logger } from '@mainstay/observability';
import type { Transport } from '@mainstay/transport';
import type { Clock } from '@mainstay/utils';
import type { Store } from '../store/store.ts';
import type { Marks } from './marks.ts';

export interface EpochsDeps {
  readonly transport: Transport;
  readonly store: Store;
  readonly marks: Marks;
  readonly newId: () => string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Knows whether the transport still has what was put into it. An epoch is a random id kept in the transport and, as the
 * truth, in the store; when the transport has lost its own, everything in it is gone and a new epoch begins.
 */
export class Epochs {
  readonly #deps: EpochsDeps;
  #changedAt: number | undefined;

  constructor(deps: EpochsDeps) {
    this.#deps = deps;
  }

  /** Milliseconds since the epoch changed or was first seen; undefined before that. */
  ageMs(): number | undefined {
    return this.#changedAt === undefined ? undefined : this.#deps.clock.monotonic() - this.#changedAt;
  }

  /** Compares the epochs; begins a new one where the transport has none. True when it is another one than before. */
  async check(): Promise<boolean> {
    const { transport, marks } = this.#deps;
    const present = await transport.epoch();
    if (present !== undefined && present === marks.epoch) return false;
    const current = present ?? (await this.#begin());
    if (current === marks.epoch) return false;
    await this.#adopt(current);
    return true;
  }

  /** The first who notices proposes; whoever is first in the transport wins. */
  async #begin(): Promise<string> {
    const { transport, newId, logger, marks } = this.#deps;
    const epoch = await transport.beginEpoch(newId());
    logger.warn({ epoch, before: marks.epoch }, 'the transport came back empty; a new epoch begins');
    return epoch;
  }

  /** Puts it on record, so that a later start knows whether the transport is still the same. */
  async #adopt(epoch: string): Promise<void> {
    const { store, marks, clock } = this.#deps;
    const recorded = await store.epoch();
    if (recorded !== epoch) await store.setEpoch(recorded, epoch);
    marks.epoch = epoch;
    this.#changedAt = clock.monotonic();
  }
}
