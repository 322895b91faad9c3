import { AgentError, CancelledError, type Outcome, serializeError } from '@mainstay/types';
import type { Receipt } from '@mainstay/transport';
import type { Attempt } from '../attempt/attempt.ts';
import { stopReason } from '../attempt/stop.ts';
import type { Outbox } from './outbox.ts';

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
    this.#outbox.add({ message: attempt.report(this.#now(), taken.parts), onSent: done, onRefused: done });
  }

  /** The end of an attempt: its last news and its outcome, or nothing but the acknowledgement of its task. */
  end(attempt: Attempt, outcome: Outcome | undefined): void {
    const over = () => endReason(attempt);
    const taken = attempt.news.close(over);
    if (outcome === undefined) {
      taken.settle(over());
      this.drop(attempt.receipt);
      return;
    }
    const { events, checkpoint } = taken.parts;
    const now = this.#now();
    if (events.length > 0) this.#outbox.add({ message: attempt.report(now, { events }) });
    this.#outbox.add({
      message: attempt.result(now, outcome, checkpoint),
      ended: attempt.receipt,
      onSent: () => {
        taken.settle();
      },
      onRefused: (error) => {
        taken.settle(error);
        this.#tooLarge(attempt, error);
      },
    });
  }

  /** Acknowledges a task of which nothing is told. */
  drop(receipt: Receipt): void {
    this.#outbox.add({ ended: receipt });
  }

  #tooLarge(attempt: Attempt, cause: unknown): void {
    const message = `The result of agent ${attempt.agent.kind} is larger than a message may be (MAINSTAY_MAX_MESSAGE_BYTES)`;
    // without stacks, so that this one is small
    const error = serializeError(new AgentError('AGENT_OUTPUT_TOO_LARGE', message, { cause }));
    this.#outbox.add({ message: attempt.result(this.#now(), { status: 'failed', error }, undefined), ended: attempt.receipt });
  }
}

function endReason({ stopped }: Attempt): Error {
  return stopped === undefined ? new CancelledError('CANCELLED', 'The attempt is over') : stopReason(stopped);
}
