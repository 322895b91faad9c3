import {
  type Change,
  type CompiledPipeline,
  compilePipeline,
  type DispatchMark,
  FINAL_RUN_STATUSES,
  type RunState,
  type Scope,
  type Store,
} from '@mainstay/orchestrator/parts';
import type { JsonValue, TaskMessage, WorkerMessage } from '@mainstay/types';
import { outputOf } from '../fleet/work.ts';
import { compare, emptyRun, follow, type RunModel } from './run-model.ts';

interface Unsent {
  readonly batch: number;
  readonly run: string;
  readonly task: string;
  readonly fence: number;
}

/** Told of something that must not happen. */
export type OnViolation = (rule: string, what: string, run?: string) => void;

/** Knows everything and has no part in it: checks after each write, message and acknowledgement what must hold then. */
export class Oracle {
  readonly runs = new Map<string, RunModel>();
  /** States as stored last. */
  readonly states = new Map<string, RunState>();
  /** Each commit of a transaction whose caller was told otherwise is an exception to the rule of marks. */
  lateCommits = false;
  readonly #store: () => Store;
  readonly #onViolation: OnViolation;
  readonly #pipelines = new Map<string, CompiledPipeline>();
  readonly #dispatches = new Map<string, TaskMessage>();
  /** Attempts of which a worker told how they ended. */
  readonly #told = new Set<string>();
  /** Committed and not sent, by orchestrator. */
  readonly #unsent = new Map<string, Map<string, Unsent>>();

  constructor(store: () => Store, onViolation: OnViolation) {
    this.#store = store;
    this.#onViolation = onViolation;
  }

  /** Reads the pipelines once they are all there. */
  async learn(tenant: string, names: readonly string[]): Promise<void> {
    for (const name of names) {
      const row = await this.#store().pipeline(tenant, name);
      if (row !== undefined) this.#pipelines.set(name, compilePipeline(row.definition, row.version));
    }
  }

  // ── writes ──

  async written(change: Change, mark: DispatchMark): Promise<void> {
    const { id, tenant, pipeline } = change.state;
    const state = (await this.#store().load([id])).get(id);
    const model = this.#modelOf(id);
    const events = await this.#store().events(tenant, id, model.seq, 10_000);
    const compiled = this.#pipelines.get(pipeline);
    if (state === undefined || events === undefined || compiled === undefined) {
      this.#onViolation('nothing is lost', 'a run that was written is not there', id);
      return;
    }
    const evidence = (task: string, fence: number): boolean => this.#told.has(keyOf(id, task, fence));
    this.states.set(id, state);
    for (const problem of follow(model, events, evidence)) this.#onViolation('events tell what happened', problem, id);
    for (const problem of compare(model, state, compiled.definition)) this.#onViolation('the state is what its events say', problem, id);
    this.#dispatched(change, state, compiled, mark);
    this.#checkOutputs(change, state, compiled);
    this.#checkSlots(compiled, pipeline);
  }

  #dispatched(change: Change, state: RunState, compiled: CompiledPipeline, mark: DispatchMark): void {
    for (const command of change.commands) {
      if (command.type !== 'dispatch') continue;
      const { message } = command;
      const task = state.tasks.get(message.task);
      const key = keyOf(message.run, message.task, message.fence);
      if (task?.fence !== message.fence)
        this.#onViolation('a message is what was written', `${message.task} has fence ${message.fence}`, state.id);
      const input = task?.inputOverride ?? inputOf(compiled, state, message.task);
      if (!same(input, message.input)) this.#onViolation('inputs follow from outputs', `${message.task} got another input`, state.id);
      if (!same(task?.checkpoint, message.restored))
        this.#onViolation('checkpoints are restored', `${message.task} goes on without its last checkpoint`, state.id);
      this.#dispatches.set(key, message);
      if (this.lateCommits) continue;
      let unsent = this.#unsent.get(mark.orchestrator);
      if (unsent === undefined) this.#unsent.set(mark.orchestrator, (unsent = new Map<string, Unsent>()));
      unsent.set(key, { batch: mark.batch, run: message.run, task: message.task, fence: message.fence });
    }
  }

  #checkOutputs(change: Change, state: RunState, compiled: CompiledPipeline): void {
    for (const stage of change.touched) {
      const task = state.tasks.get(stage);
      if (task?.status !== 'succeeded' || (task.degraded && task.error !== undefined)) continue;
      const message = this.#dispatches.get(keyOf(state.id, stage, task.fence));
      const expected = message && outputOf(task.agent, message.input, message.answers);
      if (!same(expected, task.output)) this.#onViolation('outputs are those of the agents', `${stage} has another output`, state.id);
    }
    if (state.status === 'succeeded' && !same(compiled.output(scopeOf(state)), state.output))
      this.#onViolation('the output follows from the accepted results', 'the run has another output', state.id);
  }

  #checkSlots({ definition }: CompiledPipeline, pipeline: string): void {
    if (definition.concurrency === undefined) return;
    let active = 0;
    let reopened = 0;
    for (const state of this.states.values()) {
      if (state.pipeline !== pipeline || state.status === 'queued' || FINAL_RUN_STATUSES.has(state.status)) continue;
      active++;
      if (this.#modelOf(state.id).reopened) reopened++;
    }
    if (active > definition.concurrency + reopened)
      this.#onViolation('slots are kept', `${active} runs of ${pipeline} are active, ${definition.concurrency} may be`);
  }

  /** Everything up to the mark must have been sent, or be of no interest any more. */
  marked({ orchestrator, published }: DispatchMark): void {
    const unsent = this.#unsent.get(orchestrator);
    if (unsent === undefined) return;
    for (const [key, { batch, run, task, fence }] of unsent) {
      if (batch > published) continue;
      unsent.delete(key);
      const { phase, fence: present } = this.#modelOf(run).tasks.get(task) ?? {};
      if (phase === 'dispatched' && present === fence)
        this.#onViolation('the mark covers what was sent', `${orchestrator} says batch ${batch} is published; ${task} was never sent`, run);
    }
  }

  // ── messages ──

  sentTask(message: TaskMessage): void {
    const key = keyOf(message.run, message.task, message.fence);
    if (!this.#dispatches.has(key))
      this.#onViolation('nothing is sent before it is on disk', `${message.task} under fence ${message.fence} is not on disk`, message.run);
    for (const unsent of this.#unsent.values()) unsent.delete(key);
  }

  sentResult(message: WorkerMessage): void {
    if (message.type === 'result') this.#told.add(keyOf(message.run, message.task, message.fence));
  }

  /** What is acknowledged must be on disk, or count no more. */
  acknowledged(messages: readonly WorkerMessage[]): void {
    for (const { type, run, task, fence } of messages) {
      if (type !== 'result') continue;
      const present = this.#modelOf(run).tasks.get(task);
      if (present?.fence === fence && (present.phase === 'dispatched' || present.phase === 'running'))
        this.#onViolation('nothing is acknowledged before it is on disk', `the result of ${task} under fence ${fence} is gone`, run);
    }
  }

  /** An agent begins with what its worker gives it. */
  began(attempt: Pick<TaskMessage, 'run' | 'task' | 'fence' | 'attempt'>, input: JsonValue, restored: JsonValue | undefined): void {
    const { run, task, fence } = attempt;
    const message = this.#dispatches.get(keyOf(run, task, fence));
    if (message === undefined) this.#onViolation('nothing is sent before it is on disk', `${task} runs under fence ${fence}`, run);
    else if (!same(message.input, input)) this.#onViolation('inputs follow from outputs', `the agent of ${task} got another input`, run);
    else if (!same(message.restored, restored))
      this.#onViolation('checkpoints are restored', `the agent of ${task} goes on without its last checkpoint`, run);
  }

  #modelOf(run: string): RunModel {
    let model = this.runs.get(run);
    if (model === undefined) this.runs.set(run, (model = emptyRun(run)));
    return model;
  }
}

function keyOf(run: string, task: string, fence: number): string {
  return `${run} ${task} ${fence}`;
}

function inputOf(compiled: CompiledPipeline, state: RunState, stage: string): JsonValue {
  const { input, mapInput } = compiled.stage(stage);
  return input === undefined ? state.input : mapInput(scopeOf(state));
}

function scopeOf({ input, tasks }: RunState): Scope {
  const stages: Record<string, { readonly output: JsonValue; readonly status: string }> = {};
  for (const [stage, task] of tasks) stages[stage] = { output: task.status === 'succeeded' ? task.output : null, status: task.status };
  return { input, stages };
}

function same(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
