import { AgentError, type Outcome, type ResultMessage, serializeError } from '@mainstay/types';
import type { Receipt } from '@mainstay/transport';
import type { Attempt } from '../attempt/attempt.ts';
import type { TakenNews } from '../attempt/news.ts';
import type { Outbox, Outgoing } from './outbox.ts';

/** Turns what attempts do into messages of the outbox. */
export class Teller {
  readonly #outbox: Outbox;
  readonly #now: () => number;

  constructor(outbox: Outbox, now: () => number) {
    this.#outbox = outbox;
    this.#now = now;
  }

  /** Sends an attempt's news, unless a report of it is on its way: then what is urgent follows that one. */
  report(attempt: Attempt): void {
    if (attempt.ended || attempt.reporting) return;
    const taken = attempt.news.take();
    attempt.reporting = true;
    const done = (error?: unknown) => {
      attempt.reporting = false;
      taken.settle(error);
      if (attempt.news.urgent) this.report(attempt);
    };
    this.#outbox.add({ message: attempt.report(this.#now(), taken.parts), subject: attempt, sent: done, refused: done });
  }

  /** The end of an attempt: its last news and its outcome, or nothing but the acknowledgement of its task. */
  end(attempt: Attempt, outcome: Outcome | undefined, now: number): void {
    if (outcome === undefined) {
      attempt.dropNews();
      this.drop(attempt.receipt);
      return;
    }
    const news = attempt.lastNews();
    const events = news?.parts.events;
    if (events !== undefined && events.length > 0) this.#outbox.add({ message: attempt.report(now, { events }), subject: attempt });
    const message = attempt.result(now, outcome, news?.parts.checkpoint);
    this.#outbox.add(new Ending(attempt, message, news, this.#outbox));
  }

  /** Acknowledges a task of which nothing is told. */
  drop(receipt: Receipt): void {
    this.#outbox.add({ ended: receipt });
  }
}

/** The result of an attempt on its way. When no transport takes it, because it is too large, a failure goes in its place. */
class Ending implements Outgoing {
  readonly message: ResultMessage;
  readonly ended: Receipt;
  readonly subject: Attempt;
  readonly #news: TakenNews | undefined;
  readonly #outbox: Outbox;

  constructor(attempt: Attempt, message: ResultMessage, news: TakenNews | undefined, outbox: Outbox) {
    this.message = message;
    this.ended = attempt.receipt;
    this.subject = attempt;
    this.#news = news;
    this.#outbox = outbox;
  }

  sent(): void {
    this.#news?.settle();
  }

  refused(cause: unknown): void {
    this.#news?.settle(cause);
    const { subject: attempt, ended, message } = this;
    const why = `The result of agent ${attempt.agent.kind} is larger than a message may be (MAINSTAY_MAX_MESSAGE_BYTES)`;
    // without stacks, so that this one is small
    const error = serializeError(new AgentError('AGENT_OUTPUT_TOO_LARGE', why, { cause }));
    this.#outbox.add({ message: attempt.result(message.finishedAt, { status: 'failed', error }, undefined), ended, subject: attempt });
  }
}
