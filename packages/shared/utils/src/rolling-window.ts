const SLICES = 10;

/**
 * Calls and failures of the last `windowMs` milliseconds, in ten slices of time; the oldest slice goes as a whole. Nothing runs in the
 * background: time passes when somebody records or asks.
 */
export class RollingWindow {
  readonly #sliceMs: number;
  readonly #calls = new Array<number>(SLICES).fill(0);
  readonly #failures = new Array<number>(SLICES).fill(0);
  /** Count of slices since the clock's zero. */
  #slice: number;
  /** End of the present slice. */
  #until: number;
  #place = 0;
  #allCalls = 0;
  #allFailures = 0;

  constructor(windowMs: number, now: number) {
    this.#sliceMs = windowMs / SLICES;
    this.#slice = Math.floor(now / this.#sliceMs);
    this.#until = (this.#slice + 1) * this.#sliceMs;
  }

  record(now: number, failed: boolean): void {
    if (now >= this.#until) this.#turn(now);
    this.#calls[this.#place] = (this.#calls[this.#place] ?? 0) + 1;
    this.#allCalls += 1;
    if (!failed) return;
    this.#failures[this.#place] = (this.#failures[this.#place] ?? 0) + 1;
    this.#allFailures += 1;
  }

  totals(now: number): { readonly calls: number; readonly failures: number } {
    if (now >= this.#until) this.#turn(now);
    return { calls: this.#allCalls, failures: this.#allFailures };
  }

  clear(): void {
    this.#calls.fill(0);
    this.#failures.fill(0);
    this.#allCalls = 0;
    this.#allFailures = 0;
  }

  #turn(now: number): void {
    const slice = Math.floor(now / this.#sliceMs);
    if (slice - this.#slice >= SLICES) this.clear();
    else for (let passed = this.#slice; passed < slice; passed++) this.#drop();
    this.#slice = slice;
    // rounding must not leave the end where it was
    this.#until = Math.max((slice + 1) * this.#sliceMs, now + Number.EPSILON);
  }

  #drop(): void {
    this.#place = (this.#place + 1) % SLICES;
    this.#allCalls -= this.#calls[this.#place] ?? 0;
    this.#allFailures -= this.#failures[this.#place] ?? 0;
    this.#calls[this.#place] = 0;
    this.#failures[this.#place] = 0;
  }
}
