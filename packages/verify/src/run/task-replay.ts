import type { Report } from '../invariants.ts';
import type { StoredEvent } from './decode.ts';

const ENDED: ReadonlySet<string> = new Set(['succeeded', 'skipped', 'cancelled', 'dead']);
/** What only an attempt that is under way can bring about. */
const OF_ATTEMPTS: ReadonlySet<string> = new Set([
  ...['task.started', 'task.progress', 'task.checkpointed', 'task.emitted', 'task.lost', 'task.suspended', 'task.redispatched'],
  ...['gate.failed', 'decision.opened'],
]);
/** Of these the events name the fence. */
const FENCED: ReadonlySet<string> = new Set([
  ...['task.started', 'task.succeeded', 'task.failed', 'task.lost', 'task.suspended', 'task.redispatched'],
]);
/** State after the event, where it does not depend on anything. */
const LEADS_TO: Readonly<Record<string, string>> = {
  'task.dispatched': 'dispatched',
  'task.started': 'running',
  'task.succeeded': 'succeeded',
  'task.failed': 'ready',
  'task.retrying': 'ready',
  'task.fallback': 'ready',
  'task.lost': 'ready',
  'task.suspended': 'ready',
  'task.redispatched': 'ready',
  'task.skipped': 'skipped',
  'task.cancelled': 'cancelled',
  'task.dead': 'dead',
  'decision.opened': 'waiting',
  'decision.answered': 'ready',
};

/** One task as its events tell it. */
export class TaskReplay {
  readonly stage: string;
  status = 'ready';
  /** It ended, and a retry of the run may have begun it anew: of that there is no event until it is dispatched. */
  endedAs: string | undefined;
  fence = 0;
  /** Dispatches after the first: by a loss, a failure, or a message that was lost. */
  repeats = 0;
  decision: string | undefined;
  readonly deadLetters: string[] = [];
  /** An answer may end the task without another attempt. */
  #settled = false;
  readonly #report: Report;

  constructor(stage: string, report: Report) {
    this.stage = stage;
    this.#report = report;
  }

  get outstanding(): boolean {
    return this.status === 'dispatched' || this.status === 'running';
  }

  apply(event: StoredEvent): void {
    const { type } = event;
    if (type === 'task.redriven') {
      if (this.status !== 'dead') this.#wrong('TASK_TRANSITION', event, `while it was ${this.status}`);
      return;
    }
    if (this.#isTwice(event)) return;
    if (ENDED.has(this.status)) this.#wrong('TASK_TRANSITION', event, `after it was ${this.status}`);
    else if (OF_ATTEMPTS.has(type) && !this.outstanding) this.#wrong('OLD_FENCE', event, 'while no attempt was under way');
    else this.#checkEnd(event);
    this.#checkFence(event);
    this.#advance(event);
  }

  /** The run is tried again: what died or was cancelled may begin anew. */
  reopen(): void {
    if (this.status !== 'dead' && this.status !== 'cancelled') return;
    this.endedAs = this.status;
    this.status = 'ready';
    this.#settled = false;
  }

  #isTwice(event: StoredEvent): boolean {
    const twice = event.type === 'task.succeeded' && this.status === 'succeeded';
    if (twice) this.#report('TASK_SUCCEEDED_TWICE', `succeeded again with event ${String(event.seq)}`, this.stage);
    return twice;
  }

  #checkEnd(event: StoredEvent): void {
    const { type } = event;
    const ends = type === 'task.succeeded' || type === 'task.failed';
    if (ends && !this.outstanding && !this.#settled) this.#wrong('OLD_FENCE', event, 'while no attempt was under way');
    if (type === 'task.dispatched' && this.status !== 'ready') this.#wrong('TASK_TRANSITION', event, `while it was ${this.status}`);
    if (type === 'task.started' && this.status !== 'dispatched') this.#wrong('TASK_TRANSITION', event, `while it was ${this.status}`);
    if (type === 'decision.answered' && this.status !== 'waiting') this.#wrong('TASK_TRANSITION', event, `while it was ${this.status}`);
  }

  #checkFence(event: StoredEvent): void {
    const fence = event.data?.['fence'];
    const expected = event.type === 'task.dispatched' ? this.fence + 1 : FENCED.has(event.type) ? this.fence : undefined;
    if (expected !== undefined && fence !== expected)
      this.#wrong('OLD_FENCE', event, `with fence ${String(fence)} instead of ${String(expected)}`);
  }

  #advance({ type, data }: StoredEvent): void {
    this.status = LEADS_TO[type] ?? this.status;
    if (type === 'task.dispatched') {
      if (this.fence > 0) this.repeats++;
      this.fence++;
      this.endedAs = undefined;
    }
    if (type === 'decision.opened') this.decision = String(data?.['decision']);
    if (type === 'task.dead') this.deadLetters.push(String(data?.['deadLetter']));
    this.#settled = type === 'decision.answered' || type === 'task.degraded';
  }

  #wrong(code: 'TASK_TRANSITION' | 'OLD_FENCE', { type, seq }: StoredEvent, why: string): void {
    this.#report(code, `event ${String(seq)}, ${type}, came ${why}`, this.stage);
  }
}
