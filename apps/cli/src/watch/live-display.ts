import { createLogUpdate } from 'log-update';
import type { RunEvent } from '../client/views.ts';
import type { Output } from '../io.ts';
import { paintLine } from '../render/line.ts';
import type { RunModel } from '../render/run-model.ts';
import { runScreen } from '../render/run-screen.ts';
import { clean } from '../render/text.ts';
import type { Display } from './display.ts';

/** Ten pictures a second at most. */
const FRAME_MS = 100;

/** Redraws a table of the stages in place. */
export class LiveDisplay implements Display {
  readonly #output: Output;
  readonly #color: boolean;
  readonly #now: () => number;
  readonly #log: ReturnType<typeof createLogUpdate>;
  #model: RunModel | undefined;
  #missing: ReadonlyMap<string, number> = new Map();
  #lost: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #suspended = false;
  #ended = false;

  constructor(output: Output, color: boolean, now: () => number = Date.now) {
    this.#output = output;
    this.#color = color;
    this.#now = now;
    this.#log = createLogUpdate(output);
  }

  event(_event: RunEvent, model: RunModel): void {
    this.refresh(model);
  }

  refresh(model: RunModel): void {
    this.#model = model;
    this.#start();
  }

  decision(): void {
    // the model has it
  }

  missing(kinds: ReadonlyMap<string, number>): void {
    this.#missing = kinds;
  }

  connection(lost: string | undefined): void {
    this.#lost = lost;
  }

  note(text: string): void {
    this.#log.persist(clean(text));
  }

  suspend(): void {
    this.#suspended = true;
    this.#stop();
    this.#log.clear();
    this.#log.done();
  }

  resume(): void {
    this.#suspended = false;
    this.#start();
  }

  end(): void {
    this.#ended = true;
    this.#stop();
    this.#draw();
    this.#log.done();
  }

  #start(): void {
    if (this.#suspended || this.#timer !== undefined || this.#ended) return;
    this.#timer = setInterval(() => this.#draw(), FRAME_MS);
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #draw(): void {
    if (this.#model === undefined) return;
    // one column stays free: terminals differ in what they do with the last one
    const width = Math.max(10, (this.#output.columns ?? 80) - 1);
    const height = Math.max(8, (this.#output.rows ?? 24) - 1);
    const screen = runScreen(this.#model, { width, height, now: this.#now(), missing: this.#missing, lost: this.#lost });
    this.#log(screen.map((line) => paintLine(line, this.#color)).join('\n'));
  }
}
