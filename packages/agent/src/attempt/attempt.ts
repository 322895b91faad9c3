import type { AttemptRef, Outcome, ReportMessage, ResultMessage, TaskMessage, TimeoutError } from '@mainstay/types';
import { MESSAGE_VERSION, TimeoutError as TimedOut, uuidv7 } from '@mainstay/types';
import type { Receipt } from '@mainstay/transport';
import type { BaseAgent } from '../base-agent.ts';
import { News, type NewsParts } from './news.ts';
import { overrides, type Stop, stopReason } from './stop.ts';

/** One attempt in hand. */
export class Attempt {
  readonly task: TaskMessage;
  readonly receipt: Receipt;
  readonly agent: BaseAgent;
  readonly worker: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly deadline: number;
  readonly news = new News();
  readonly #controller = new AbortController();
  #stop: Stop | undefined;
  /** Its end has been decided: nothing more is told of it. */
  ended = false;
  /** A report of it is on its way. */
  reporting = false;
  /** Reports of it that were made. */
  #reports = 0;

  constructor(task: TaskMessage, receipt: Receipt, agent: BaseAgent, worker: string, startedAt: number) {
    this.task = task;
    this.receipt = receipt;
    this.agent = agent;
    this.worker = worker;
    this.startedAt = startedAt;
    this.deadline = Math.min(startedAt + task.timeoutMs, task.deadline ?? Number.POSITIVE_INFINITY);
  }

  get ref(): AttemptRef {
    const { run, task, fence } = this.task;
    return { run, task, fence };
  }

  /** It has been reported at least once. */
  get reported(): boolean {
    return this.#reports > 0;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get stopped(): Stop | undefined {
    return this.#stop;
  }

  /** Begins to stop it; false when it is being stopped already for a reason at least as strong. */
  stop(stop: Stop): boolean {
    if (this.ended || !overrides(stop, this.#stop)) return false;
    this.#stop = stop;
    this.#controller.abort(stopReason(stop));
    return true;
  }

  /** What its time limit ends it with. */
  timeoutError(): TimeoutError {
    const { task } = this;
    if (this.deadline < this.startedAt + task.timeoutMs) {
      const details = { deadline: this.deadline };
      return new TimedOut('DEADLINE_EXCEEDED', `The deadline of task ${task.task} has passed`, { details });
    }
    const details = { timeoutMs: task.timeoutMs };
    return new TimedOut('OPERATION_TIMEOUT', `Task ${task.task} took longer than ${task.timeoutMs} ms`, { details });
  }

  report(now: number, parts: NewsParts): ReportMessage {
    this.#reports += 1;
    return { ...this.#envelope(now), type: 'report', worker: this.worker, startedAt: this.startedAt, number: this.#reports, ...parts };
  }

  result(now: number, outcome: Outcome, checkpoint: NewsParts['checkpoint']): ResultMessage {
    return {
      ...this.#envelope(now),
      type: 'result',
      worker: this.worker,
      startedAt: this.startedAt,
      finishedAt: now,
      outcome,
      ...(checkpoint === undefined ? {} : { checkpoint }),
    };
  }

  #envelope(now: number) {
    const { tenant, run, task, attempt, fence, deadline, correlationId, traceparent } = this.task;
    return {
      v: MESSAGE_VERSION,
      id: uuidv7(now),
      tenant,
      run,
      task,
      attempt,
      fence,
      ...(deadline === undefined ? {} : { deadline }),
      correlationId,
      traceparent,
    };
  }
}
