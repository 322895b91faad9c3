import type { Output } from '../io.ts';

/** One line that is written anew in place, at a terminal; nothing elsewhere. */
export class Progress {
  readonly #output: Output;
  readonly #live: boolean;
  #shown = false;

  constructor(output: Output, live: boolean) {
    this.#output = output;
    this.#live = live;
  }

  show(text: string): void {
    if (!this.#live) return;
    this.#output.write(`\r\u001b[K${text}`);
    this.#shown = true;
  }

  /** Clears the line. */
  end(): void {
    if (this.#shown) this.#output.write('\r\u001b[K');
    this.#shown = false;
  }
}

/** A number with the thing that it counts: `1 run`, `12,000 runs`, `0.5 days`. */
export function counted(count: number, thing: string): string {
  return `${count.toLocaleString('en', { maximumFractionDigits: 3 })} ${thing}${count === 1 ? '' : 's'}`;
}
