import type { JsonValue, Outcome, SerializedError, TaskMessage } from '@mainstay/types';
import { compilePipeline } from '../compile.ts';
import type { Change, Command, CompiledPipeline, RunEvent, RunInput, RunState, TaskState, TransitionContext, Verdict } from '../model.ts';
import { newRun } from '../new-run.ts';
import { parseDefinition } from '../parse-definition.ts';
import { transition } from '../transition.ts';

export interface HarnessOptions {
  /** Of the run; default `run`. */
  readonly id?: string;
  /** Default: one that is not valid. */
  readonly traceparent?: string;
  readonly input?: JsonValue;
  readonly priority?: number;
  readonly deadlineAt?: number;
  readonly random?: () => number;
  readonly inputProblems?: TransitionContext['inputProblems'];
  readonly outputProblems?: TransitionContext['outputProblems'];
  readonly maxOutputBytes?: number;
}

/** One stage with agent `noop`, or more of it. */
export function stage(id: string, more: object = {}): object {
  return { id, agent: 'noop', retry: { jitter: 'none' }, ...more };
}

/** Drives one run by hand: keeps its state, the clock and everything that came out. */
export class Harness {
  readonly pipeline: CompiledPipeline;
  readonly context: TransitionContext;
  readonly created: { readonly queued: Change; readonly started: Change };
  readonly events: RunEvent[] = [];
  readonly commands: Command[] = [];
  state: RunState;
  now = 1_000_000;
  last: Change;
  #ids = 0;

  constructor(stages: readonly object[], more: object = {}, options: HarnessOptions = {}) {
    this.pipeline = compilePipeline(parseDefinition({ name: 'p', stages, ...more }), 3);
    const now = (): number => this.now;
    this.context = {
      get now() {
        return now();
      },
      random: options.random ?? (() => 0.5),
      newId: () => `id-${String(++this.#ids)}`,
      inputProblems: options.inputProblems ?? (() => []),
      outputProblems: options.outputProblems ?? (() => []),
      maxOutputBytes: options.maxOutputBytes ?? 1_000,
    };
    const { id = 'run', traceparent = 'tp' } = options;
    const params = { id, tenant: 't', input: options.input ?? {}, correlationId: 'c', traceparent, by: 'ann' };
    this.created = newRun(
      this.pipeline,
      {
        ...params,
        ...(options.priority === undefined ? {} : { priority: options.priority }),
        ...(options.deadlineAt === undefined ? {} : { deadlineAt: options.deadlineAt }),
      },
      this.context,
    );
    this.last = this.created.started;
    this.state = this.last.state;
    this.#keep(this.last);
  }

  /** Applies inputs in one transition. */
  apply(...inputs: readonly RunInput[]): Change {
    this.last = transition(this.pipeline, this.state, inputs, this.context);
    this.state = this.last.state;
    this.#keep(this.last);
    return this.last;
  }

  #keep(change: Change): void {
    this.events.push(...change.events);
    this.commands.push(...change.commands);
  }

  get verdict(): Verdict | undefined {
    return this.last.verdicts.at(-1);
  }

  task(id: string): TaskState {
    const task = this.state.tasks.get(id);
    if (task === undefined) throw new Error(`no task ${id}`);
    return task;
  }

  statuses(): Record<string, string> {
    return Object.fromEntries([...this.state.tasks.values()].map((task) => [task.stage, task.status]));
  }

  /** An outcome of the present attempt. */
  end(task: string, outcome: Outcome, more: { readonly fence?: number; readonly checkpoint?: JsonValue } = {}): Change {
    const fence = more.fence ?? this.task(task).fence;
    const times = { startedAt: this.now - 10, finishedAt: this.now };
    const checkpoint = more.checkpoint === undefined ? {} : { checkpoint: more.checkpoint };
    return this.apply({ type: 'outcome', task, fence, worker: 'w1', ...times, outcome, ...checkpoint });
  }

  succeed(task: string, output: JsonValue = {}): Change {
    return this.end(task, { status: 'succeeded', output });
  }

  fail(task: string, error: Partial<SerializedError> = {}): Change {
    const full: SerializedError = { code: 'AGENT_FAILED', name: 'AgentError', message: 'broken', disposition: 'retryable', ...error };
    return this.end(task, { status: 'failed', error: full });
  }

  /** Moves the clock and looks at due times. */
  later(ms: number): Change {
    this.now += ms;
    return this.apply({ type: 'tick' });
  }

  report(task: string, more: Partial<Extract<RunInput, { type: 'report' }>> = {}): Change {
    const { fence } = this.task(task);
    return this.apply({ type: 'report', task, fence, worker: 'w1', startedAt: this.now, events: [], ...more });
  }

  lose(task: string, reason: 'died' | 'silent' = 'died'): Change {
    return this.apply({ type: 'lost', task, fence: this.task(task).fence, worker: 'w1', reason });
  }

  /** Types of the events of the last change, with the stage. */
  get lastEvents(): readonly string[] {
    return this.last.events.map((event) => (event.task === undefined ? event.type : `${event.type} ${event.task}`));
  }

  /** Tasks dispatched by the last change. */
  get dispatched(): readonly TaskMessage[] {
    return messages(this.last.commands);
  }
}

export function messages(commands: readonly Command[]): readonly TaskMessage[] {
  return commands.flatMap((command) => (command.type === 'dispatch' ? [command.message] : []));
}
