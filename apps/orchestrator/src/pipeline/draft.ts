import type { JsonValue } from '@mainstay/types';
import type {
  Change,
  ClosedDecision,
  Command,
  CompiledPipeline,
  DecisionState,
  NewDeadLetter,
  RunEvent,
  RunEventType,
  RunState,
  TaskState,
  TransitionContext,
  Verdict,
} from './model.ts';
import { FINAL_RUN_STATUSES } from './model.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Facts of the run other than its tasks and decisions. */
type Facts = Mutable<Omit<RunState, 'tasks' | 'decisions' | 'seq'>>;

/**
 * A run being changed. The state before is never altered: maps are copied at the first write. Every change comes with an
 * event, so that the number of the last event is the version of the state.
 */
export class Draft {
  readonly pipeline: CompiledPipeline;
  readonly context: TransitionContext;
  readonly before: RunState;
  readonly run: Facts;
  readonly commands: Command[] = [];
  readonly verdicts: Verdict[] = [];
  readonly opened: DecisionState[] = [];
  readonly closed: ClosedDecision[] = [];
  readonly deadLetters: NewDeadLetter[] = [];
  readonly redriven: string[] = [];
  /** Stages that are done and whose dependents were not looked at yet. */
  readonly done: string[] = [];
  /** Stages whose tasks are ready and due. */
  readonly due: string[] = [];
  readonly #events: RunEvent[] = [];
  readonly #touched = new Set<string>();
  readonly #checkpoints = new Set<string>();
  #tasks: Map<string, TaskState> | undefined;
  #decisions: Map<string, DecisionState> | undefined;

  constructor(pipeline: CompiledPipeline, before: RunState, context: TransitionContext) {
    this.pipeline = pipeline;
    this.before = before;
    this.context = context;
    this.run = { ...before };
  }

  get now(): number {
    return this.context.now;
  }

  get tasks(): ReadonlyMap<string, TaskState> {
    return this.#tasks ?? this.before.tasks;
  }

  get decisions(): ReadonlyMap<string, DecisionState> {
    return this.#decisions ?? this.before.decisions;
  }

  /** How many events came about; grows with every change. */
  get changes(): number {
    return this.#events.length;
  }

  get final(): boolean {
    return FINAL_RUN_STATUSES.has(this.run.status);
  }

  /** New attempts may begin. */
  get mayDispatch(): boolean {
    return this.run.status === 'running' || this.run.status === 'waiting';
  }

  setTask(task: TaskState): void {
    this.#tasks ??= new Map(this.before.tasks);
    this.#tasks.set(task.stage, task);
    this.#touched.add(task.stage);
    if (task.status === 'ready' && task.dueAt <= this.now) this.due.push(task.stage);
  }

  /** Notes that the task's checkpoint was written or removed. */
  noteCheckpoint(stage: string): void {
    this.#checkpoints.add(stage);
  }

  openDecision(decision: DecisionState): void {
    this.#decisions ??= new Map(this.before.decisions);
    this.#decisions.set(decision.id, decision);
    this.opened.push(decision);
  }

  closeDecision(id: string, answer: JsonValue, by: string, comment?: string): void {
    this.#decisions ??= new Map(this.before.decisions);
    this.#decisions.delete(id);
    this.closed.push({ id, answer, by, at: this.now, ...(comment === undefined ? {} : { comment }) });
  }

  event(type: RunEventType, task?: string, data?: Readonly<Record<string, JsonValue | undefined>>): void {
    this.#events.push({
      seq: this.before.seq + this.#events.length + 1,
      at: this.now,
      type,
      ...(task === undefined ? {} : { task }),
      ...(data === undefined ? {} : { data: withoutUndefined(data) }),
    });
  }

  toChange(): Change {
    const seq = this.before.seq + this.#events.length;
    return {
      before: this.before,
      state: this.#events.length === 0 ? this.before : { ...this.run, seq, tasks: this.tasks, decisions: this.decisions },
      events: this.#events,
      commands: this.commands,
      verdicts: this.verdicts,
      touched: this.#touched,
      checkpoints: this.#checkpoints,
      opened: this.opened,
      closed: this.closed,
      deadLetters: this.deadLetters,
      redriven: this.redriven,
    };
  }
}

function withoutUndefined(data: Readonly<Record<string, JsonValue | undefined>>): Readonly<Record<string, JsonValue>> {
  const result: Record<string, JsonValue> = {};
  for (const [key, value] of Object.entries(data)) if (value !== undefined) result[key] = value;
  return result;
}
