import { MainstayError } from '@mainstay/types';
import type { Clock, Deadline } from '@mainstay/utils';
import type { Attempt } from './attempt.ts';

/** The time of an attempt as the deadline of all that its agent does: calls, waits and retries inside are cut to what is left of it. */
export class AttemptDeadline implements Deadline {
  readonly #attempt: Attempt;
  readonly #clock: Pick<Clock, 'now'>;

  constructor(attempt: Attempt, clock: Pick<Clock, 'now'>) {
    this.#attempt = attempt;
    this.#clock = clock;
  }

  get name(): string {
    const { run, task, fence } = this.#attempt.ref;
    return `task ${task} of run ${run}, fence ${fence}`;
  }

  leftMs(): number {
    return this.#attempt.deadline - this.#clock.now();
  }

  /** What an agent threw, or that its time is over if that is why: the error of the call that was cut says nothing of the task. */
  judge(thrown: unknown): unknown {
    const cut = thrown instanceof MainstayError && thrown.code === 'DEADLINE_EXCEEDED' && thrown.details['deadline'] === this.name;
    return cut ? this.#attempt.timeoutError() : thrown;
  }
}
