import { type Definition, FINAL_RUN_STATUSES, type RunEvent, type RunState, type RunStatus } from '@mainstay/orchestrator/parts';

/** `answered`: a decision was made about it, and what follows is told by the next event. */
export type TaskPhase =
  'ready' | 'dispatched' | 'running' | 'ended' | 'waiting' | 'answered' | 'succeeded' | 'skipped' | 'cancelled' | 'dead';

/** A task as its events tell it. */
export interface TaskModel {
  phase: TaskPhase;
  agent: string;
  attempt: number;
  fence: number;
  failures: number;
  losses: number;
  rounds: number;
  successes: number;
}

/** A run as its events tell it. */
export interface RunModel {
  readonly id: string;
  seq: number;
  status: RunStatus | 'none';
  /** What its last event tells of a stall; undefined: it tells of something else. */
  stall: string | undefined;
  /** A person had it tried again. */
  reopened: boolean;
  /** How often a task of it was given up. */
  deaths: number;
  readonly tasks: Map<string, TaskModel>;
  /** Open decisions by stage. */
  readonly decisions: Map<string, string>;
  /** Answers by decision. */
  readonly answers: Map<string, unknown>;
}

export function emptyRun(id: string): RunModel {
  return {
    id,
    seq: 0,
    status: 'none',
    stall: undefined,
    reopened: false,
    deaths: 0,
    tasks: new Map(),
    decisions: new Map(),
    answers: new Map(),
  };
}

/** Whether a worker told how the attempt of this fence ended; null where nobody knows. */
export type Evidence = (task: string, fence: number) => boolean | null;

const RUN_STATUS: Partial<Record<RunEvent['type'], RunStatus>> = {
  'run.created': 'queued',
  'run.queued': 'queued',
  'run.started': 'running',
  'run.waiting': 'waiting',
  'run.resumed': 'running',
  'run.paused': 'paused',
  'run.suspended': 'suspended',
  'run.woken': 'running',
  'run.retried': 'running',
  'run.succeeded': 'succeeded',
  'run.failed': 'failed',
  'run.cancelled': 'cancelled',
};

/**
 * Takes the model through the events and returns what must not have happened: a number missing, something after the end, an
 * outcome of another attempt than the present one, a second success, an attempt or a loss that was not counted.
 */
export function follow(model: RunModel, events: readonly RunEvent[], evidence: Evidence = () => null): string[] {
  const wrong: string[] = [];
  for (const event of events) {
    if (event.seq !== model.seq + 1) wrong.push(`event ${event.seq} (${event.type}) follows event ${model.seq}`);
    model.seq = event.seq;
    if (event.task !== undefined) followTask(model, event, event.task, evidence, wrong);
    followRun(model, event, wrong);
    followStall(model, event, wrong);
  }
  return wrong;
}

function followRun(model: RunModel, event: RunEvent, wrong: string[]): void {
  const next = RUN_STATUS[event.type];
  const reopens = event.type === 'run.retried' || event.type === 'task.redriven';
  if (model.status !== 'none' && FINAL_RUN_STATUSES.has(model.status) && !reopens)
    wrong.push(`event ${event.seq} (${event.type}) of a run that is ${model.status}`);
  if (next === undefined) return;
  model.status = next;
  if (event.type !== 'run.retried') return;
  model.reopened = true;
  for (const task of model.tasks.values())
    if (task.phase === 'dead' || task.phase === 'cancelled') Object.assign(task, { phase: 'ready', failures: 0, losses: 0, rounds: 0 });
}

/** A stall is told of a run that could go on, and once. */
function followStall(model: RunModel, { seq, type, data }: RunEvent, wrong: string[]): void {
  const before = model.stall;
  model.stall = type === 'run.stalled' ? JSON.stringify([data?.['reason'], data?.['since']]) : undefined;
  if (model.stall === undefined) return;
  if (model.status !== 'running' && model.status !== 'waiting') wrong.push(`event ${seq} (${type}) of a run that is ${model.status}`);
  if (model.stall === before) wrong.push(`event ${seq} (${type}) tells what the event before told`);
}

function followTask(model: RunModel, event: RunEvent, stage: string, evidence: Evidence, wrong: string[]): void {
  const task = taskOf(model, stage);
  const data = event.data ?? {};
  const number = (name: string): number => (typeof data[name] === 'number' ? data[name] : Number.NaN);
  const text = (name: string): string => (typeof data[name] === 'string' ? data[name] : '');
  const says = (problem: string): void => {
    wrong.push(`event ${event.seq} (${event.type} of ${stage}): ${problem}`);
  };
  const isLive = task.phase === 'dispatched' || task.phase === 'running';
  const needLive = (): void => {
    if (!isLive) says(`the task is ${task.phase}, not with a worker`);
  };
  const needFence = (): void => {
    if (number('fence') !== task.fence) says(`fence ${number('fence')} is not the present one, ${task.fence}`);
  };
  const needTold = (): void => {
    if (isLive && evidence(stage, task.fence) === false) says(`no worker told how fence ${task.fence} ended`);
  };
  switch (event.type) {
    case 'task.dispatched':
      if (task.phase !== 'ready' && task.phase !== 'answered') says(`the task is ${task.phase}`);
      if (number('fence') !== task.fence + 1) says(`fence ${number('fence')} follows fence ${task.fence}`);
      if (number('attempt') !== task.attempt + 1) says(`attempt ${number('attempt')} follows attempt ${task.attempt}`);
      Object.assign(task, { phase: 'dispatched', fence: number('fence'), attempt: number('attempt'), agent: text('agent') });
      return;
    case 'task.started':
      if (task.phase !== 'dispatched') says(`the task is ${task.phase}`);
      needFence();
      task.phase = 'running';
      return;
    case 'task.progress':
    case 'task.checkpointed':
    case 'task.emitted':
      needLive();
      return;
    case 'task.succeeded':
      needFence();
      needTold();
      task.successes++;
      if (task.successes > 1) says(`it succeeded ${task.successes} times`);
      task.phase = 'succeeded';
      return;
    case 'task.failed':
      if (!isLive && task.phase !== 'answered') says(`the task is ${task.phase}`);
      needFence();
      needTold();
      task.failures++;
      task.phase = 'ended';
      return;
    case 'task.retrying':
      if (number('round') > task.rounds) Object.assign(task, { rounds: number('round'), failures: 0, losses: 0 });
      if (number('failures') !== task.failures) says(`${number('failures')} failures are counted, ${task.failures} happened`);
      task.phase = 'ready';
      return;
    case 'task.fallback':
      Object.assign(task, { phase: 'ready', agent: text('to'), failures: 0, losses: 0 });
      return;
    case 'task.degraded':
      task.phase = 'ended';
      return;
    case 'task.lost':
      needLive();
      needFence();
      task.losses++;
      if (number('losses') !== task.losses) says(`${number('losses')} losses are counted, ${task.losses} happened`);
      task.phase = 'ready';
      return;
    case 'task.suspended':
      needLive();
      needFence();
      needTold();
      Object.assign(task, { phase: 'ready', attempt: task.attempt - 1 });
      return;
    case 'task.redispatched':
      needLive();
      needFence();
      Object.assign(task, { phase: 'ready', attempt: task.attempt - 1 });
      return;
    case 'task.skipped':
      if (task.phase !== 'ready') says(`the task is ${task.phase}`);
      task.phase = 'skipped';
      return;
    case 'task.cancelled':
      model.decisions.delete(stage);
      task.phase = 'cancelled';
      return;
    case 'task.dead':
      model.deaths++;
      task.phase = 'dead';
      return;
    case 'decision.opened':
      needLive();
      needTold();
      if (data['kind'] === 'question') task.attempt--;
      model.decisions.set(stage, text('decision'));
      task.phase = 'waiting';
      return;
    case 'decision.answered':
    case 'decision.expired':
      if (task.phase !== 'waiting' && task.phase !== 'answered') says(`the task is ${task.phase}`);
      model.decisions.delete(stage);
      if (event.type === 'decision.answered') model.answers.set(text('decision'), data['answer']);
      task.phase = 'answered';
      return;
    default:
      return;
  }
}

function taskOf(model: RunModel, stage: string): TaskModel {
  let task = model.tasks.get(stage);
  if (task === undefined) {
    task = { phase: 'ready', agent: '', attempt: 0, fence: 0, failures: 0, losses: 0, rounds: 0, successes: 0 };
    model.tasks.set(stage, task);
  }
  return task;
}

/** What the stored state says otherwise than its events. */
export function compare(model: RunModel, state: RunState, definition: Definition): string[] {
  const wrong: string[] = [];
  if (state.seq !== model.seq) wrong.push(`the state has number ${state.seq}, the last event ${model.seq}`);
  if (state.status !== model.status) wrong.push(`the state is ${state.status}, the events say ${model.status}`);
  if (FINAL_RUN_STATUSES.has(state.status)) {
    if (state.slot) wrong.push('it has ended and holds a slot');
    if (state.decisions.size > 0) wrong.push('it has ended and has open decisions');
  }
  for (const [stage, task] of state.tasks) {
    const told = taskOf(model, stage);
    const phase = told.phase === 'answered' ? 'ready' : told.phase;
    if (phase !== task.status) wrong.push(`${stage} is ${task.status}, the events say ${phase}`);
    for (const count of ['fence', 'attempt', 'failures', 'losses', 'rounds'] as const)
      if (task[count] !== told[count]) wrong.push(`${stage} has ${count} ${task[count]}, the events say ${told[count]}`);
    const retry = definition.stages.find(({ id }) => id === stage)?.retry;
    if (retry === undefined) wrong.push(`${stage} is no stage of ${definition.name}`);
    else {
      if (task.failures > retry.maxAttempts) wrong.push(`${stage} failed ${task.failures} times, ${retry.maxAttempts} are allowed`);
      if (task.losses > retry.maxLosses + 1) wrong.push(`${stage} was lost ${task.losses} times, ${retry.maxLosses} are allowed`);
    }
  }
  return wrong;
}
