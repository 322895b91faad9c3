import { type JsonValue, MESSAGE_VERSION, type TaskMessage } from '@mainstay/types';
import type { Draft } from './draft.ts';
import { giveUp } from './failure.ts';
import { type CompiledStage, priorityClass, type TaskBase, type TaskState } from './model.ts';
import { resolveInput } from './task-input.ts';
import { baseOf } from './task-states.ts';

/** Hands a due task to its agent under a new fence. A mapping that fails or an input that the agent refuses ends the task. */
export function dispatch(draft: Draft, task: TaskState): void {
  const stage = draft.pipeline.stage(task.stage);
  const base = baseOf(task);
  const input = resolveInput(draft, stage, base);
  if ('error' in input) {
    giveUp(draft, base, input.error);
    return;
  }
  const next = { ...base, attempt: base.attempt + 1, fence: base.fence + 1 };
  draft.setTask({ ...next, status: 'dispatched', dispatchedAt: draft.now });
  draft.event('task.dispatched', task.stage, { agent: next.agent, attempt: next.attempt, fence: next.fence });
  draft.commands.push({ type: 'dispatch', message: messageOf(draft, stage, next, input.value) });
}

function messageOf(draft: Draft, stage: CompiledStage, task: TaskBase, input: JsonValue): TaskMessage {
  const { run } = draft;
  return {
    v: MESSAGE_VERSION,
    id: draft.context.newId(),
    type: 'task',
    tenant: run.tenant,
    run: run.id,
    task: task.stage,
    attempt: task.attempt,
    fence: task.fence,
    ...(run.deadlineAt === undefined ? {} : { deadline: run.deadlineAt }),
    correlationId: run.correlationId,
    traceparent: run.traceparent,
    agent: task.agent,
    pipeline: run.pipeline,
    priority: priorityClass(run.priority),
    input,
    timeoutMs: stage.timeoutMs,
    idempotencyKey: `${run.id}:${task.stage}`,
    ...(task.checkpoint === undefined ? {} : { restored: task.checkpoint }),
    answers: [...task.answers],
  };
}
