import type { Logger } from '@mainstay/observability';
import type { Store } from '../store/store.ts';

/** Agent kinds that any worker ever offered: new ones are put on record. */
export class KnownKinds {
  readonly #store: Store;
  readonly #logger: Logger;
  #kinds = new Set<string>();

  constructor(store: Store, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
  }

  async load(): Promise<void> {
    this.#kinds = new Set(await this.#store.knownKinds());
  }

  learn(kinds: readonly string[]): void {
    const fresh = kinds.filter((kind) => !this.#kinds.has(kind));
    if (fresh.length === 0) return;
    this.#store
      .learnKinds(fresh)
      .then(() => {
        for (const kind of fresh) this.#kinds.add(kind);
      })
      .catch((error: unknown) => {
        this.#logger.warn({ err: error, kinds: fresh }, 'agent kinds could not be recorded; they are at the next heartbeat with offers');
      });
  }
}
