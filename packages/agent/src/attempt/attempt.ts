import type { AttemptRef, Outcome, ReportMessage, ResultMessage, TaskMessage, TimeoutError } from '@mainstay/types';
import { CancelledError, MESSAGE_VERSION, TimeoutError as TimedOut, uuidv7 } from '@mainstay/types';
import type { Receipt } from '@mainstay/transport';
import type { BaseAgent } from '../base-agent.ts';
import type { AttemptTrace } from './attempt-trace.ts';
import { News, type NewsParts, type TakenNews } from './news.ts';
import { overrides, type Stop, stopReason } from './stop.ts';

/** One attempt in hand. What few attempts need (news, a signal) is made when it is asked for. */
export class Attempt {
  /** Names its task: see `taskKey`. */
  readonly key: string;
  readonly task: TaskMessage;
  readonly receipt: Receipt;
  readonly agent: BaseAgent;
  readonly worker: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly deadline: number;
  /** Its end has been decided: nothing more is told of it. */
  ended = false;
  /** Undefined: traces are off, or its end has been told. It would be kept until the result is known to have arrived. */
  trace: AttemptTrace | undefined;
  /** A report of it is on its way. */
  reporting = false;
  #news: News | undefined;
  #controller: AbortController | undefined;
  #stop: Stop | undefined;
  /** What its signal aborts with: the reason of the first stop. */
  #reason: Error | undefined;
  /** The moment at which something happens to it. */
  #limit: Disposable | undefined;
  /** Ends the count of work that goes on although it was given up. */
  #onSettled: (() => void) | undefined;
  /** Reports of it that were made. */
  #reports = 0;

  constructor(key: string, task: TaskMessage, receipt: Receipt, agent: BaseAgent, worker: string, startedAt: number, trace?: AttemptTrace) {
    this.key = key;
    this.task = task;
    this.receipt = receipt;
    this.agent = agent;
    this.worker = worker;
    this.startedAt = startedAt;
    this.trace = trace;
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
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  get news(): News {
    if (this.#news === undefined) {
      this.#news = new News();
      if (this.ended) this.#news.close(() => this.#endReason());
    }
    return this.#news;
  }

  /** Something waits to be told. */
  get hasNews(): boolean {
    return this.#news?.any === true;
  }

  /** Ends its news; what is left of them, with how to tell those who wait. Undefined when there never were any. */
  lastNews(): TakenNews | undefined {
    return this.#news?.close(() => this.#endReason());
  }

  /** Ends its news, of which nothing is told. */
  dropNews(): void {
    this.lastNews()?.settle(this.#endReason());
  }

  get stopped(): Stop | undefined {
    return this.#stop;
  }

  /** Begins to stop it; false when it is being stopped already for a reason at least as strong. */
  stop(stop: Stop): boolean {
    if (this.ended || !overrides(stop, this.#stop)) return false;
    this.#stop = stop;
    this.#reason ??= stopReason(stop);
    this.#controller?.abort(this.#reason);
    return true;
  }

  /** Replaces the moment at which something happens to it. */
  limit(next: Disposable | undefined): void {
    this.#limit?.[Symbol.dispose]();
    this.#limit = next;
  }

  /** It was given up and goes on; `onSettled` is called when it ends after all. */
  strays(onSettled: () => void): void {
    this.#onSettled = onSettled;
  }

  /** Its agent has come to an end, in time or not. */
  settled(): void {
    this.#onSettled?.();
    this.#onSettled = undefined;
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
    const { tenant, run, task, attempt, fence, deadline, correlationId, traceparent } = this.task;
    const report: ReportMessage = {
      v: MESSAGE_VERSION,
      id: uuidv7(now),
      tenant,
      run,
      task,
      attempt,
      fence,
      correlationId,
      traceparent,
      type: 'report',
      worker: this.worker,
      startedAt: this.startedAt,
      number: this.#reports,
      ...parts,
    };
    if (deadline !== undefined) report.deadline = deadline;
    return report;
  }

  result(now: number, outcome: Outcome, checkpoint: NewsParts['checkpoint']): ResultMessage {
    const { tenant, run, task, attempt, fence, deadline, correlationId, traceparent } = this.task;
    const result: ResultMessage = {
      v: MESSAGE_VERSION,
      id: uuidv7(now),
      tenant,
      run,
      task,
      attempt,
      fence,
      correlationId,
      traceparent,
      type: 'result',
      worker: this.worker,
      startedAt: this.startedAt,
      finishedAt: now,
      outcome,
    };
    if (deadline !== undefined) result.deadline = deadline;
    if (checkpoint !== undefined) result.checkpoint = checkpoint;
    return result;
  }

  #endReason(): Error {
    return this.#stop === undefined ? new CancelledError('CANCELLED', 'The attempt is over') : stopReason(this.#stop);
  }
}
