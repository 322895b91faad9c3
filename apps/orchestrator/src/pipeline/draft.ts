import type { JsonValue } from '@mainstay/types';
import type {
  Change,
  ClosedDecision,
  Command,
  CompiledPipeline,
  DecisionState,
  NewDeadLetter,
  Redriven,
  RunEvent,
  RunEventType,
  RunState,
  TaskState,
  TransitionContext,
  Verdict,
} from './model.ts';
import { FINAL_RUN_STATUSES, NOTABLE_EVENTS } from './model.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Facts of the run other than its tasks and decisions. */
type Facts = Mutable<Omit<RunState, 'tasks' | 'decisions' | 'seq'>>;

const NO_STAGES: ReadonlySet<string> = new Set();

/**
 * A run being changed. The state before is never altered: maps are copied at the first write. Every change comes with an
 * event, so that the number of the last event is the version of the state. It ends with {@link toChange}: `run` becomes the
 * new state and must not be written any more.
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
  readonly redriven: Redriven[] = [];
  /** Stages that are done and whose dependents were not looked at yet. */
  readonly done: string[] = [];
  /** Stages whose tasks are ready and due. */
  readonly due: string[] = [];
  /** The stage that was dispatched last. */
  dispatched: string | undefined;
  readonly #events: RunEvent[] = [];
  #notable = false;
  readonly #run: Mutable<RunState>;
  readonly #touched = new Set<string>();
  #checkpoints: Set<string> | undefined;
  #tasks: Map<string, TaskState> | undefined;
  #decisions: Map<string, DecisionState> | undefined;

  constructor(pipeline: CompiledPipeline, before: RunState, context: TransitionContext) {
    this.pipeline = pipeline;
    this.before = before;
    this.context = context;
    this.run = this.#run = { ...before };
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
    this.#checkpoints ??= new Set();
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
    const event: Mutable<RunEvent> = { seq: this.before.seq + this.#events.length + 1, at: this.context.now, type };
    if (task !== undefined) event.task = task;
    if (data !== undefined) event.data = withoutUndefined(data);
    this.#events.push(event);
    this.#notable ||= NOTABLE_EVENTS.has(type);
  }

  toChange(): Change {
    return {
      before: this.before,
      state: this.#events.length === 0 ? this.before : this.#state(),
      events: this.#events,
      notable: this.#notable,
      commands: this.commands,
      verdicts: this.verdicts,
      touched: this.#touched,
      checkpoints: this.#checkpoints ?? NO_STAGES,
      opened: this.opened,
      closed: this.closed,
      deadLetters: this.deadLetters,
      redriven: this.redriven,
    };
  }

  #state(): RunState {
    const state = this.#run;
    state.seq = this.before.seq + this.#events.length;
    state.tasks = this.tasks;
    state.decisions = this.decisions;
    return state;
  }
}

type Data = Readonly<Record<string, JsonValue | undefined>>;

/** The data as they are, or a copy without what is undefined. */
function withoutUndefined(data: Data): Readonly<Record<string, JsonValue>> {
  if (isWhole(data)) return data;
  const result: Record<string, JsonValue> = {};
  for (const [key, value] of Object.entries(data)) if (value !== undefined) result[key] = value;
  return result;
}

function isWhole(data: Data): data is Readonly<Record<string, JsonValue>> {
  for (const key in data) if (data[key] === undefined) return false;
  return true;
}
