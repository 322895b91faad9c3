/** Failures among the last calls, however long ago those were. */
export class CallWindow {
  readonly #failed: Uint8Array;
  #next = 0;
  #calls = 0;
  #failures = 0;

  constructor(calls: number) {
    this.#failed = new Uint8Array(calls);
  }

  record(_now: number, failed: boolean): void {
    const size = this.#failed.length;
    this.#failures += (failed ? 1 : 0) - (this.#failed[this.#next] ?? 0);
    this.#failed[this.#next] = failed ? 1 : 0;
    this.#next = (this.#next + 1) % size;
    if (this.#calls < size) this.#calls += 1;
  }

  totals(): { readonly calls: number; readonly failures: number } {
    return { calls: this.#calls, failures: this.#failures };
  }

  clear(): void {
    this.#failed.fill(0);
    this.#next = 0;
    this.#calls = 0;
    this.#failures = 0;
  }
}
