import { type JsonValue, type SerializedError, uuidv7 } from '@mainstay/types';
import type {
  Change,
  DecisionState,
  Definition,
  NewDeadLetter,
  RunEvent,
  RunEventType,
  RunState,
  TaskBase,
  TaskState,
} from '../../pipeline/model.ts';
import type { DispatchMark, NewRun } from '../store.ts';

// Small runs and changes for tests of stores. They follow the rules of a `Change`; whether they make sense is no matter.

export const mark: DispatchMark = { orchestrator: 'orchestrator-1', batch: 1, published: 0, epoch: 'epoch-1' };

export const failure: SerializedError = { code: 'AGENT_FAILED', name: 'AgentError', message: 'it broke', disposition: 'retryable' };

/** A dead letter of a stage. */
export const letter = (stage: string, id = uuidv7()): NewDeadLetter => ({
  ...{ id, stage, agent: 'noop', attempt: 4, losses: 1, input: { path: '/' }, error: failure, at: 7_000 },
});

/** A task with what every task has, and what its state adds. */
export function task<S extends TaskState>(
  stage: string,
  state: Omit<S, keyof TaskBase> & Partial<TaskBase> & Pick<S, 'status'>,
): TaskState {
  const base: TaskBase = { stage, agent: 'noop', fallback: 0, attempt: 1, fence: 1, failures: 0, losses: 0, rounds: 0, answers: [] };
  return { ...base, ...state } as unknown as TaskState;
}

export function dispatched(stage: string, at = 1_000, more: Partial<TaskBase> = {}): TaskState {
  return task<Extract<TaskState, { status: 'dispatched' }>>(stage, { status: 'dispatched', dispatchedAt: at, ...more });
}

export function running(stage: string, at = 1_000, more: Partial<TaskBase> = {}): TaskState {
  return task<Extract<TaskState, { status: 'running' }>>(stage, { status: 'running', dispatchedAt: at, worker: 'worker-1', ...more });
}

export function ready(stage: string, dueAt: number, more: Partial<TaskBase> = {}): TaskState {
  return task<Extract<TaskState, { status: 'ready' }>>(stage, { status: 'ready', dueAt, ...more });
}

export function succeeded(stage: string, output: JsonValue, more: Partial<TaskBase> = {}): TaskState {
  return task<Extract<TaskState, { status: 'succeeded' }>>(stage, {
    status: 'succeeded',
    output,
    finishedAt: 2_000,
    degraded: false,
    ...more,
  });
}

/** What a change does besides what it says of the run itself. */
export interface Deeds {
  readonly tasks?: readonly TaskState[];
  readonly removed?: readonly string[];
  readonly checkpoints?: readonly string[];
  readonly opened?: readonly DecisionState[];
  readonly closed?: Change['closed'];
  readonly withdrawn?: readonly string[];
  readonly deadLetters?: Change['deadLetters'];
  /** Stages whose dead letters are redriven, by ann. */
  readonly redriven?: readonly string[];
  /** Default: one. */
  readonly events?: readonly RunEventType[];
  readonly at?: number;
}

type Own = Partial<Omit<RunState, 'id' | 'tasks' | 'decisions' | 'seq'>>;

/** A change of a run. */
export function change(before: RunState, own: Own = {}, deeds: Deeds = {}): Change {
  const tasks = new Map(before.tasks);
  for (const written of deeds.tasks ?? []) tasks.set(written.stage, written);
  for (const stage of deeds.removed ?? []) tasks.delete(stage);
  const decisions = new Map(before.decisions);
  for (const decision of deeds.opened ?? []) decisions.set(decision.id, decision);
  for (const { id } of deeds.closed ?? []) decisions.delete(id);
  for (const id of deeds.withdrawn ?? []) decisions.delete(id);
  const events = (deeds.events ?? ['task.started']).map((type, index): RunEvent => ({
    seq: before.seq + index + 1,
    at: deeds.at ?? 3_000,
    type,
    data: { of: before.id },
  }));
  return {
    before,
    state: { ...before, ...own, seq: before.seq + events.length, tasks, decisions },
    events,
    notable: false,
    commands: [],
    verdicts: [],
    touched: new Set([...(deeds.tasks ?? []).map(({ stage }) => stage), ...(deeds.removed ?? [])]),
    checkpoints: new Set(deeds.checkpoints),
    opened: deeds.opened ?? [],
    closed: deeds.closed ?? [],
    deadLetters: deeds.deadLetters ?? [],
    redriven: (deeds.redriven ?? []).map((stage) => ({ stage, by: 'ann', asked: 'letter' })),
  };
}

export interface NewRunOptions extends Own, Pick<NewRun, 'concurrency' | 'idempotency'> {
  readonly id?: string;
  /** Of the run once it is started. Default: task `a`, dispatched. */
  readonly tasks?: readonly TaskState[];
}

/** A run to create: queued after one event, started after three. */
export function newRun({ id = uuidv7(), tasks = [dispatched('a')], concurrency, idempotency, ...own }: NewRunOptions = {}): NewRun {
  const blank: RunState = {
    ...{ id, tenant: 'tenant-1', pipeline: 'review', version: 1, status: 'queued', seq: 0, input: { path: '/' }, priority: 0 },
    ...{ correlationId: 'correlation-1', traceparent: '00-1-2-01', slot: false, createdAt: 500, tasks: new Map(), decisions: new Map() },
  };
  const before = { ...blank, ...own };
  const started = change(
    before,
    { status: 'running', startedAt: 600, ...own },
    { tasks, events: ['run.created', 'run.started', 'task.dispatched'] },
  );
  return {
    queued: change(before, { status: 'queued' }, { events: ['run.created'] }),
    started,
    ...(concurrency !== undefined && { concurrency }),
    ...(idempotency && { idempotency }),
  };
}

/** The end of a run. */
export function end(before: RunState, output: JsonValue = { ok: true }): Change {
  const tasks = [...before.tasks.values()].map(({ stage, fence }) => succeeded(stage, output, { fence }));
  return change(
    before,
    { status: 'succeeded', output, finishedAt: 4_000 },
    { tasks, checkpoints: [...before.tasks.keys()], events: ['task.succeeded', 'run.succeeded'] },
  );
}

export function decision(id: string, stage: string, more: Partial<DecisionState> = {}): DecisionState {
  return { id, stage, kind: 'question', question: { key: 'q', question: 'Go on?' }, openedAt: 1_500, ...more };
}

export function definition(name: string, more: Partial<Definition> = {}): Definition {
  return { name, stages: [], ...more };
}
