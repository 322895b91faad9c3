/** How far a series of simulations has come. */
export interface Tally {
  seeds: number;
  steps: number;
  runs: number;
  simulatedMs: number;
  violations: number;
}

const EVERY_MS = 500;

/** A line that is written anew while a terminal looks on, and now and then where none does. */
export class Progress {
  readonly tally: Tally = { seeds: 0, steps: 0, runs: 0, simulatedMs: 0, violations: 0 };
  readonly #begun = performance.now();
  readonly #write: (text: string) => void;
  readonly #everyMs: number;
  #toldAt = 0;

  constructor(stream: { readonly isTTY?: boolean; write(text: string): unknown }) {
    const isTerminal = stream.isTTY === true;
    this.#everyMs = isTerminal ? EVERY_MS : 20 * EVERY_MS;
    this.#write = (text) => void stream.write(isTerminal ? `\r\u001b[K${text}` : text === '' ? '' : `${text}\n`);
  }

  get elapsedMs(): number {
    return performance.now() - this.#begun;
  }

  tell(): void {
    if (this.elapsedMs - this.#toldAt < this.#everyMs) return;
    this.#toldAt = this.elapsedMs;
    this.#write(this.text());
  }

  end(): void {
    this.#write('');
  }

  text(): string {
    const { seeds, steps, runs, simulatedMs, violations } = this.tally;
    const perMinute = Math.round((steps / Math.max(1, this.elapsedMs)) * 60_000);
    const hours = (simulatedMs / 3_600_000).toFixed(1);
    const of = [
      `${count(seeds)} seeds`,
      `${count(runs)} runs`,
      `${hours} h simulated`,
      `${count(steps)} steps`,
      `${count(perMinute)} steps/min`,
    ];
    return `${of.join(' · ')} · ${violations === 0 ? 'no violation' : `${count(violations)} violations`}`;
  }
}

function count(n: number): string {
  return n.toLocaleString('en-US');
}
