import type { Report } from '../invariants.ts';
import type { StoredEvent } from './decode.ts';
import { FINAL_STATUSES } from './facts.ts';
import { TaskReplay } from './task-replay.ts';

/** Status of a run after an event. */
const LEADS_TO: Readonly<Record<string, string>> = {
  'run.created': 'queued',
  'run.queued': 'queued',
  'run.started': 'running',
  'run.waiting': 'waiting',
  'run.paused': 'paused',
  'run.resumed': 'running',
  'run.suspended': 'suspended',
  'run.woken': 'running',
  'run.retried': 'running',
  'run.succeeded': 'succeeded',
  'run.failed': 'failed',
  'run.cancelled': 'cancelled',
};
const AFTER_THE_END: ReadonlySet<string> = new Set(['task.redriven', 'run.retried']);

/** A run as its events tell it: what they lead to, independently of the states that are stored. */
export class RunReplay {
  status: string | undefined;
  readonly tasks = new Map<string, TaskReplay>();
  /** Ids of all decisions that were opened. */
  readonly decisions = new Set<string>();
  events = 0;
  #last = 0;
  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  /** Number of the last event. */
  get last(): number {
    return this.#last;
  }

  apply(event: StoredEvent): void {
    this.#checkOrder(event);
    this.#last = event.seq;
    this.events++;
    const { task, type, data } = event;
    this.status = LEADS_TO[type] ?? this.status;
    if (type === 'run.retried') for (const one of this.tasks.values()) one.reopen();
    if (type === 'decision.opened') this.decisions.add(String(data?.['decision']));
    if (task !== undefined) this.#taskOf(task).apply(event);
  }

  #taskOf(stage: string): TaskReplay {
    let task = this.tasks.get(stage);
    if (task === undefined) this.tasks.set(stage, (task = new TaskReplay(stage, this.#report)));
    return task;
  }

  #checkOrder({ seq, type }: StoredEvent): void {
    if (seq !== this.#last + 1) this.#report('EVENT_GAP', `event ${String(seq)} follows event ${String(this.#last)}`);
    if ((this.#last === 0) !== (type === 'run.created')) {
      this.#report('EVENT_ORDER', `event ${String(seq)} is ${type}; a run begins with run.created, once`);
    }
    if (this.status !== undefined && FINAL_STATUSES.has(this.status) && !AFTER_THE_END.has(type)) {
      this.#report('EVENT_ORDER', `event ${String(seq)}, ${type}, came after the run had ${this.status}`);
    }
  }
}
