import { traceIdOf } from '@mainstay/observability';
import type { z } from 'zod';
import type { MissingKind } from '../../engine/engine.ts';
import type { DecisionState, RunEvent, RunState, TaskState } from '../../pipeline/model.ts';
import type { DecisionRow, RunSummary } from '../../store/store.ts';
import type { decisionView } from '../schemas/decisions.ts';
import type { eventView, runSummaryView, runView, taskView } from '../schemas/runs.ts';
import { errorViewIf } from './error-view.ts';
import { defined, iso, isoIf } from './iso.ts';

type RunView = z.input<typeof runView>;
type TaskView = z.input<typeof taskView>;

/** What the view of a task needs of its stage. */
export interface StageName {
  readonly id: string;
  readonly agent: string;
}

/** A run with all its stages, in the given order; a stage without a task is pending. */
export function viewRun(state: RunState, order: readonly StageName[], missing: readonly MissingKind[]): RunView {
  const tasks = [...state.tasks.values()];
  return {
    id: state.id,
    pipeline: state.pipeline,
    version: state.version,
    status: state.status,
    priority: state.priority,
    input: state.input,
    ...defined({ output: state.output, error: errorViewIf(state.error) }),
    degraded: tasks.some((task) => task.status === 'succeeded' && task.degraded),
    tasks: order.map((stage) => viewTask(stage, state.tasks.get(stage.id), missing)),
    decisions: [...state.decisions.values()].map((decision) => viewOpenDecision(state.id, decision)),
    lastEvent: state.seq,
    correlationId: state.correlationId,
    traceId: traceIdOf(state.traceparent),
    createdAt: iso(state.createdAt),
    ...defined({ startedAt: isoIf(state.startedAt), finishedAt: isoIf(state.finishedAt), deadlineAt: isoIf(state.deadlineAt) }),
  };
}

function viewTask(stage: StageName, task: TaskState | undefined, missing: readonly MissingKind[]): TaskView {
  if (task === undefined) return { stage: stage.id, agent: stage.agent, status: 'pending', attempt: 0 };
  return {
    stage: stage.id,
    agent: task.agent,
    status: task.status,
    attempt: task.attempt,
    ...defined({ error: errorViewIf(task.error), startedAt: isoIf(task.startedAt) }),
    ...ofStatus(task, missing),
  };
}

function ofStatus(task: TaskState, missing: readonly MissingKind[]): Partial<TaskView> {
  switch (task.status) {
    case 'ready':
      return { dueAt: iso(task.dueAt) };
    case 'dispatched': {
      const lack = missing.find(({ agent }) => agent === task.agent);
      return lack === undefined ? {} : { waitingFor: { agent: lack.agent, since: iso(lack.since) } };
    }
    case 'running':
      return { worker: task.worker, ...(task.progress === undefined ? {} : { progress: { ...task.progress } }) };
    case 'waiting':
      return { decision: task.decision };
    case 'succeeded':
      return { output: task.output, finishedAt: iso(task.finishedAt), ...(task.degraded ? { degraded: true } : {}) };
    case 'skipped':
    case 'cancelled':
    case 'dead':
      return { finishedAt: iso(task.finishedAt) };
  }
}

function viewOpenDecision(run: string, decision: DecisionState): z.input<typeof decisionView> {
  const { id, stage, kind, question, openedAt, expiresAt } = decision;
  return {
    id,
    run,
    stage,
    kind,
    status: 'open',
    question: defined({ ...question }),
    openedAt: iso(openedAt),
    ...defined({ expiresAt: isoIf(expiresAt) }),
  };
}

export function viewDecision(row: DecisionRow): z.input<typeof decisionView> {
  const { openedAt, expiresAt, answeredAt, ...rest } = row;
  return { ...rest, openedAt: iso(openedAt), ...defined({ expiresAt: isoIf(expiresAt), answeredAt: isoIf(answeredAt) }) };
}

export function viewSummary(run: RunSummary): z.input<typeof runSummaryView> {
  const { id, pipeline, version, status, priority, error, createdAt, startedAt, finishedAt } = run;
  return {
    id,
    pipeline,
    version,
    status,
    priority,
    createdAt: iso(createdAt),
    ...defined({ error: errorViewIf(error), startedAt: isoIf(startedAt), finishedAt: isoIf(finishedAt) }),
  };
}

export function viewEvent({ seq, at, type, task, data }: RunEvent): z.input<typeof eventView> {
  return { seq, at: iso(at), type, ...defined({ task, data }) };
}
