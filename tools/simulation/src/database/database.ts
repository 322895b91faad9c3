import { createMemoryStore, type Change, type Creation, type DispatchMark, type NewRun, type Store } from '@mainstay/orchestrator/parts';

/** Told of every write the moment it is done. */
export interface DatabaseWatch {
  marked(mark: DispatchMark): void;
  written(change: Change, mark: DispatchMark): Promise<void>;
}

/** The one database of a simulation: the memory store, watched. */
export class Database {
  /** Answers. */
  up = true;
  readonly store: Store;

  constructor(now: () => number, watch: DatabaseWatch) {
    const inner = createMemoryStore({ now });
    this.store = {
      ...inner,
      create: async (runs: readonly NewRun[], mark: DispatchMark): Promise<readonly Creation[]> => {
        const creations = await inner.create(runs, mark);
        for (const creation of creations) if (creation.status === 'created') await watch.written(creation.change, mark);
        watch.marked(mark);
        return creations;
      },
      commit: async (changes: readonly Change[], mark: DispatchMark): Promise<ReadonlySet<string>> => {
        const written = await inner.commit(changes, mark);
        for (const change of changes) if (written.has(change.state.id)) await watch.written(change, mark);
        watch.marked(mark);
        return written;
      },
      checkIn: async (mark: DispatchMark): Promise<void> => {
        await inner.checkIn(mark);
        watch.marked(mark);
      },
    };
  }
}
