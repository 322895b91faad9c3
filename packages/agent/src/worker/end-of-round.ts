/**
 * A round is what goes on without waiting: a callback of the event loop and all microtasks that follow from it. Its end is
 * the first moment at which everything that was ready is there, and no later than anything that is not.
 */
export function endOfRound(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(resolve);
  });
}

/** Calls a function once at the end of the round in which it was asked for, however often that was. */
export class AtEndOfRound {
  readonly #run: () => void;
  #asked = false;

  constructor(fn: () => void) {
    this.#run = () => {
      this.#asked = false;
      fn();
    };
  }

  get asked(): boolean {
    return this.#asked;
  }

  ask(): void {
    if (this.#asked) return;
    this.#asked = true;
    process.nextTick(this.#run);
  }
}
