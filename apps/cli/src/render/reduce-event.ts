import type { RunEvent } from '../client/views.ts';
import { EventData } from './event-data.ts';
import { type RunModel, type StageModel, timeOf } from './run-model.ts';

/** More stages than a definition may have are not taken from events. */
const MAX_STAGES = 20_000;

/** The model after one more event. Unknown events, and data that is odd, change nothing but the number. */
export function reduceEvent(model: RunModel, event: RunEvent): RunModel {
  const data = new EventData(event);
  const next = event.task === undefined ? reduceRun(model, event, data) : reduceTask(model, event.task, event, data);
  return { ...next, seq: Math.max(model.seq, event.seq) };
}

function reduceRun(model: RunModel, event: RunEvent, data: EventData): RunModel {
  const at = timeOf(event.at);
  switch (event.type) {
    case 'run.queued':
    case 'run.waiting':
    case 'run.paused':
    case 'run.suspended':
      return { ...model, status: event.type.slice('run.'.length) };
    case 'run.started':
    case 'run.resumed':
    case 'run.woken':
      return { ...model, status: 'running' };
    case 'run.retried':
      return { ...model, status: 'running', finishedAt: undefined, reason: undefined, stages: model.stages.map(reopened) };
    case 'run.succeeded':
      return { ...model, status: 'succeeded', finishedAt: at, decisions: [] };
    case 'run.failed':
      return { ...model, status: 'failed', finishedAt: at, reason: data.error(), decisions: [] };
    case 'run.cancelled':
      return { ...model, status: 'cancelled', finishedAt: at, reason: data.text('reason'), decisions: [] };
    default:
      return model;
  }
}

/** What succeeded stays. */
function reopened({ id, agent, status, ...rest }: StageModel): StageModel {
  return status === 'succeeded' ? { id, agent, status, ...rest } : { id, agent, status: 'pending', attempt: 0 };
}

function reduceTask(model: RunModel, task: string, event: RunEvent, data: EventData): RunModel {
  const stage = model.stages.find(({ id }) => id === task) ?? { id: task, agent: data.text('agent') ?? '', status: 'pending', attempt: 0 };
  const change = stageChange(stage, event, data);
  const decisions = reduceDecisions(model, task, event, data);
  return { ...model, ...(change === undefined ? {} : { stages: withStage(model.stages, { ...stage, ...change }) }), decisions };
}

function withStage(stages: readonly StageModel[], stage: StageModel): readonly StageModel[] {
  const at = stages.findIndex(({ id }) => id === stage.id);
  if (at >= 0) return stages.with(at, stage);
  return stages.length < MAX_STAGES ? [...stages, stage] : stages;
}

function stageChange(stage: StageModel, event: RunEvent, data: EventData): Partial<StageModel> | undefined {
  const at = timeOf(event.at);
  const attempt = data.number('attempt') ?? stage.attempt;
  const agent = data.text('agent') ?? stage.agent;
  switch (event.type) {
    case 'task.dispatched':
      return {
        status: 'dispatched',
        agent,
        attempt,
        startedAt: at,
        finishedAt: undefined,
        dueAt: undefined,
        fraction: undefined,
        note: undefined,
      };
    case 'task.started':
      return { status: 'running', agent, attempt, startedAt: at, note: undefined };
    case 'task.progress':
      return { status: 'running', fraction: data.number('fraction'), note: data.text('note') };
    case 'task.succeeded':
      return { status: 'succeeded', agent, attempt, finishedAt: at, fraction: 1, note: undefined, degraded: data.flag('degraded') };
    case 'task.failed':
      return { status: 'failed', finishedAt: at, note: data.error() };
    case 'task.retrying':
      return { status: 'ready', dueAt: data.number('dueAt'), finishedAt: undefined };
    case 'task.fallback':
      return { status: 'ready', agent: data.text('to') ?? agent, note: `falls back: ${data.error() ?? 'failed'}` };
    case 'task.degraded':
      return { degraded: true, note: data.error() };
    case 'task.lost':
      return { status: 'ready', note: 'its worker was lost' };
    case 'task.suspended':
      return { status: 'ready', note: 'handed back by a shutdown' };
    case 'task.redispatched':
      return { status: 'dispatched', startedAt: at };
    case 'task.redriven':
      return { status: 'ready', attempt: 0, finishedAt: undefined, note: undefined };
    case 'task.skipped':
    case 'task.cancelled':
      return { status: event.type.slice('task.'.length), finishedAt: at, note: undefined };
    case 'task.dead':
      return { status: 'dead', finishedAt: at, note: data.error() ?? stage.note };
    case 'gate.failed':
      return { status: data.text('action') === 'ask' ? 'waiting' : 'failed', note: data.error() };
    case 'decision.opened':
      return { status: 'waiting', note: undefined };
    default:
      return undefined;
  }
}

function reduceDecisions({ decisions }: RunModel, stage: string, event: RunEvent, data: EventData): RunModel['decisions'] {
  const id = data.text('decision');
  if (id === undefined) return decisions;
  const others = decisions.filter((decision) => decision.id !== id);
  switch (event.type) {
    case 'decision.opened':
      return [...others, { id, stage, question: data.text('question') ?? '', expiresAt: data.number('expiresAt') }];
    case 'decision.answered':
    case 'decision.expired':
      return others;
    default:
      return decisions;
  }
}
