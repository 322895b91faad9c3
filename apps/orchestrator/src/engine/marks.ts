import type { DispatchMark } from '../store/store.ts';

/**
 * Numbers the commits of this orchestrator and knows up to which of them everything was published for certain. The mark
 * travels with every commit; when this orchestrator dies, what is dispatched above the mark is dispatched anew by others.
 */
export class Marks {
  readonly #orchestrator: string;
  readonly #open = new Set<number>();
  #batch = 0;
  epoch = '';

  constructor(orchestrator: string) {
    this.#orchestrator = orchestrator;
  }

  /** Opens a batch; {@link close} it when all of its messages are in the transport, or when it has none. */
  open(): DispatchMark {
    this.#batch++;
    this.#open.add(this.#batch);
    return { ...this.current(), batch: this.#batch };
  }

  close(batch: number): void {
    this.#open.delete(batch);
  }

  /** The mark without opening a batch. */
  current(): DispatchMark {
    return { orchestrator: this.#orchestrator, batch: this.#batch, published: this.#published(), epoch: this.epoch };
  }

  /** Sets are ordered by insertion and batches grow, so that the first open one is the lowest. */
  #published(): number {
    const lowest = this.#open.values().next();
    return lowest.done === true ? this.#batch : lowest.value - 1;
  }
}
