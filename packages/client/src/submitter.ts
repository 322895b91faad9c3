import { OverloadError } from '@mainstay/types';
import type { Http } from './http.ts';
import type { RunRequest, SubmittedRun } from './model.ts';
import { type FollowedEnds, isUrgent, SubmissionQueue } from './submission-queue.ts';

/**
 * Submits runs, those of high priority by themselves: the server takes them when it refuses others, so that they neither travel with
 * others nor rest when those have to.
 */
export class Submitter {
  readonly #urgent: SubmissionQueue;
  readonly #others: SubmissionQueue;
  readonly #maxWaiting: number;

  constructor(http: Http, ends: FollowedEnds) {
    this.#urgent = new SubmissionQueue(http, ends);
    this.#others = new SubmissionQueue(http, ends);
    this.#maxWaiting = http.settings.maxWaiting;
  }

  submit(request: RunRequest, signal?: AbortSignal): Promise<SubmittedRun> {
    if (this.#urgent.size + this.#others.size >= this.#maxWaiting)
      return Promise.reject(new OverloadError('OVERLOADED', `${this.#maxWaiting} submissions wait already in this client`));
    return (isUrgent(request) ? this.#urgent : this.#others).submit(request, signal);
  }

  /** Rejects all that wait with CANCELLED; those under way may have been accepted. */
  close(): void {
    this.#urgent.close();
    this.#others.close();
  }
}
