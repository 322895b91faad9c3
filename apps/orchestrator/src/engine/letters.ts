import type { MainstayError } from '@mainstay/types';
import type { RunInput, RunState, Verdict } from '../pipeline/model.ts';
import type { BatchSource } from './batch-loop.ts';
import { SHARE_OF_OTHERS } from './intake-queue.ts';

/** Who is told what became of a letter; each letter is answered once. */
export interface Reply {
  /** The input was decided, and what follows from it is on disk. */
  applied(letter: Letter, verdict: Verdict, state: RunState): void;
  refused(letter: Letter, error: MainstayError): void;
}

/** An input on its way to its run. */
export interface Letter {
  readonly run: string;
  readonly input: RunInput;
  /** Kept until the store answers (results of workers), or given up when it fails (calls of users). */
  readonly patient: boolean;
  /** About the size of what it carries, in characters. */
  readonly size: number;
  readonly reply: Reply;
  tries: number;
}

/** The letters of one run in a batch. */
export interface Bundle {
  readonly run: string;
  readonly letters: Letter[];
  /** Letters that came while the batch was under way. */
  readonly later: Letter[];
}

/**
 * Letters that wait for a batch; those of urgent runs go first, with few others, so that their transaction is short. Batches under way at the same time have no run in common: letters of a run that is being
 * changed wait until that change is done, in their order.
 */
export class Letterbox implements BatchSource<readonly Bundle[]> {
  readonly #maxSize: number;
  readonly #isUrgent: (run: string) => boolean;
  readonly #open = new Map<string, Bundle>();
  #queue: Letter[] = [];
  #held = 0;

  /** `maxSize`: what the letters of a batch may carry together, in characters; a single larger letter makes a batch of its own. */
  constructor(maxSize: number, isUrgent: (run: string) => boolean = () => false) {
    this.#maxSize = maxSize;
    this.#isUrgent = isUrgent;
  }

  /** Letters that could be dealt with now. */
  get size(): number {
    return this.#queue.length;
  }

  /** All letters that wait, also for their run. */
  get backlog(): number {
    return this.#queue.length + this.#held;
  }

  add(letter: Letter): void {
    const bundle = this.#open.get(letter.run);
    if (bundle === undefined) {
      this.#queue.push(letter);
      return;
    }
    bundle.later.push(letter);
    this.#held++;
  }

  take(max: number): readonly Bundle[] | undefined {
    const others = Math.ceil(max * SHARE_OF_OTHERS);
    const { queue, count } = this.#queue.length > others ? this.#byUrgency(max, others) : { queue: this.#queue, count: max };
    const bundles: Bundle[] = [];
    let [at, size] = [0, 0];
    for (; at < queue.length && at < count; at++) {
      const letter = queue[at];
      if (letter === undefined || (at > 0 && size + letter.size > this.#maxSize)) break;
      size += letter.size;
      this.#bundle(letter, bundles);
    }
    this.#queue = [];
    for (; at < queue.length; at++) {
      const letter = queue[at];
      if (letter !== undefined) this.add(letter);
    }
    return bundles.length === 0 ? undefined : bundles;
  }

  /** In which order, and how many of them. All letters of a run are judged at the same moment, so that their order is kept. */
  #byUrgency(max: number, share: number): { readonly queue: Letter[]; readonly count: number } {
    const urgent: Letter[] = [];
    const others: Letter[] = [];
    for (const letter of this.#queue) (this.#isUrgent(letter.run) ? urgent : others).push(letter);
    if (urgent.length === 0) return { queue: this.#queue, count: max };
    const beside = Math.min(others.length, share);
    const first = Math.min(urgent.length, max - beside);
    return { queue: [...urgent.slice(0, first), ...others, ...urgent.slice(first)], count: first + beside };
  }

  /** No letter of a run under way is in the queue, so that an open bundle is one of the batch that is taken. */
  #bundle(letter: Letter, bundles: Bundle[]): void {
    const open = this.#open.get(letter.run);
    if (open !== undefined) {
      open.letters.push(letter);
      return;
    }
    const bundle: Bundle = { run: letter.run, letters: [letter], later: [] };
    this.#open.set(letter.run, bundle);
    bundles.push(bundle);
  }

  /** The batch is done: what came for its runs meanwhile is next. `again` goes before it. */
  release(bundles: readonly Bundle[], again: readonly Letter[] = []): void {
    const next = [...again];
    for (const { run, later } of bundles) {
      this.#open.delete(run);
      this.#held -= later.length;
      for (const letter of later) next.push(letter);
    }
    if (next.length > 0) this.#queue = [...next, ...this.#queue];
  }

  /** Takes out everything that waits. */
  clear(): readonly Letter[] {
    const letters = this.#queue;
    this.#queue = [];
    return letters;
  }
}
