import type { RunEvent } from '../client/views.ts';
import { describeEvent } from '../render/describe-event.ts';
import { paintLine } from '../render/line.ts';
import type { OpenDecision, RunModel } from '../render/run-model.ts';
import { decisionLines } from '../render/run-screen.ts';
import { clean } from '../render/text.ts';
import type { Display } from './display.ts';

/** One line per event, for files, pipes and build servers. */
export class PlainDisplay implements Display {
  readonly #write: (text: string) => void;
  readonly #now: () => number;
  #missing: ReadonlyMap<string, number> = new Map();
  #lost = false;

  constructor(write: (text: string) => void, now: () => number = Date.now) {
    this.#write = write;
    this.#now = now;
  }

  event(event: RunEvent): void {
    this.#write(describeEvent(event));
  }

  refresh(_model: RunModel): void {
    // nothing to redraw
  }

  decision(decision: OpenDecision): void {
    for (const line of decisionLines(decision, this.#now())) this.#write(paintLine(line, false));
  }

  missing(kinds: ReadonlyMap<string, number>): void {
    for (const kind of kinds.keys()) if (!this.#missing.has(kind)) this.#write(`waiting: no worker offers the agent kind ${clean(kind)}`);
    this.#missing = kinds;
  }

  connection(lost: string | undefined): void {
    if (lost !== undefined && !this.#lost) this.#write(clean(lost));
    if (lost === undefined && this.#lost) this.#write('connection is back');
    this.#lost = lost !== undefined;
  }

  note(text: string): void {
    this.#write(clean(text));
  }

  suspend(): void {
    // never has the terminal
  }

  resume(): void {
    // never has the terminal
  }

  end(): void {
    // every line stands already
  }
}
