import type { MainstayClient } from '../client/mainstay-client.ts';
import { RemoteError } from '../client/remote-error.ts';
import type { DecisionView } from '../client/views.ts';
import { type OpenDecision, timeOf } from '../render/run-model.ts';
import { answerText } from '../render/run-screen.ts';
import type { Display } from './display.ts';

/** Asks a person; aborted when the answer is no longer needed. */
export type Prompt = (decision: OpenDecision, signal: AbortSignal) => Promise<unknown>;

/** Who answers: nobody here, the default answer at once, or a person at this terminal. */
export type Answering = { readonly by: 'nobody' } | { readonly by: 'default' } | { readonly by: 'person'; readonly prompt: Prompt };

export interface DeskOptions {
  readonly client: MainstayClient;
  readonly display: Display;
  readonly signal: AbortSignal;
  readonly answering: Answering;
  /** Options, default and deadline became known. */
  readonly onDetails: (decision: OpenDecision) => void;
}

/** Handles the open questions of a run, one after the other. */
export class DecisionDesk {
  readonly #options: DeskOptions;
  readonly #seen = new Set<string>();
  #queue: OpenDecision[] = [];
  #current: { readonly id: string; readonly gone: AbortController } | undefined;
  #working: Promise<void> = Promise.resolve();

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /** Those that are open now. */
  update(open: readonly OpenDecision[]): void {
    const ids = new Set(open.map(({ id }) => id));
    this.#queue = this.#queue.filter(({ id }) => ids.has(id));
    if (this.#current !== undefined && !ids.has(this.#current.id)) this.#current.gone.abort();
    for (const decision of open) {
      if (this.#seen.has(decision.id)) continue;
      this.#seen.add(decision.id);
      this.#queue.push(decision);
    }
    if (this.#current === undefined && this.#queue.length > 0) this.#working = this.#work();
  }

  /** Resolves when nobody is being asked any more. */
  async closed(): Promise<void> {
    this.#queue = [];
    this.#current?.gone.abort();
    await this.#working;
  }

  async #work(): Promise<void> {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      const gone = new AbortController();
      this.#current = { id: next.id, gone };
      const signal = AbortSignal.any([this.#options.signal, gone.signal]);
      try {
        await this.#handle(next, signal);
      } catch (error) {
        if (!signal.aborted) this.#options.display.note(`The question could not be answered: ${wordsOf(error)}`);
      } finally {
        this.#current = undefined;
      }
    }
  }

  async #handle(announced: OpenDecision, signal: AbortSignal): Promise<void> {
    const { client, display, answering, onDetails } = this.#options;
    const view = await client.decision(announced.id, { signal });
    if (view.status !== 'open') return;
    const decision = detailsOf(view);
    onDetails(decision);
    if (answering.by === 'nobody') {
      display.decision(decision);
      return;
    }
    if (answering.by === 'default') {
      await this.#answerByDefault(decision, signal);
      return;
    }
    display.suspend();
    try {
      await this.#ask(decision, answering.prompt, signal);
    } finally {
      display.resume();
    }
  }

  async #answerByDefault(decision: OpenDecision, signal: AbortSignal): Promise<void> {
    const { client, display } = this.#options;
    const answer = decision.default ?? (decision.options?.includes('accept') === true ? { value: 'accept' } : undefined);
    if (answer === undefined) {
      display.decision(decision);
      display.note('--yes cannot answer this: the question has no default, and "accept" is none of its options');
      return;
    }
    await client.decide(decision.id, answer.value, { comment: 'answered by --yes', signal });
    display.note(`${decision.stage}: answered ${answerText(answer.value)} (--yes)`);
  }

  async #ask(decision: OpenDecision, prompt: Prompt, signal: AbortSignal): Promise<void> {
    for (;;) {
      const answer = await prompt(decision, signal);
      try {
        await this.#options.client.decide(decision.id, answer, { signal });
        return;
      } catch (error) {
        const refused = error instanceof RemoteError && [400, 422].includes(error.problem.status);
        if (!refused) throw error;
        this.#options.display.note(wordsOf(error));
      }
    }
  }
}

function detailsOf({ id, stage, question, expiresAt }: DecisionView): OpenDecision {
  return {
    id,
    stage,
    question: question.question,
    options: question.options,
    ...(question.default === undefined ? {} : { default: { value: question.default } }),
    expiresAt: timeOf(expiresAt),
  };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
