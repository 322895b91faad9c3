import { type JsonValue, MESSAGE_VERSION, type TaskMessage } from '@mainstay/types';
import type { Draft } from './draft.ts';
import { giveUp } from './failure.ts';
import { type CompiledStage, priorityClass, type TaskBase, type TaskState } from './model.ts';
import { resolveInput } from './task-input.ts';
import { baseOf } from './task-states.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Hands a due task to its agent under a new fence. A mapping that fails or an input that the agent refuses ends the task. */
export function dispatch(draft: Draft, task: TaskState): void {
  const stage = draft.pipeline.stage(task.stage);
  const base = baseOf(task);
  const input = resolveInput(draft, stage, base);
  if ('error' in input) {
    giveUp(draft, base, input.error);
    return;
  }
  base.attempt++;
  base.fence++;
  draft.setTask({ ...base, status: 'dispatched', dispatchedAt: draft.now });
  draft.dispatched = base.stage;
  draft.event('task.dispatched', base.stage, { agent: base.agent, attempt: base.attempt, fence: base.fence });
  draft.commands.push({ type: 'dispatch', message: messageOf(draft, stage, base, input.value) });
}

function messageOf(draft: Draft, stage: CompiledStage, task: TaskBase, input: JsonValue): TaskMessage {
  const { run } = draft;
  const message: Mutable<TaskMessage> = {
    v: MESSAGE_VERSION,
    id: draft.context.newId(),
    type: 'task',
    tenant: run.tenant,
    run: run.id,
    task: task.stage,
    attempt: task.attempt,
    fence: task.fence,
    correlationId: run.correlationId,
    traceparent: run.traceparent,
    agent: task.agent,
    pipeline: run.pipeline,
    priority: priorityClass(run.priority),
    input,
    timeoutMs: stage.timeoutMs,
    idempotencyKey: `${run.id}:${task.stage}`,
    answers: [...task.answers],
  };
  if (run.tracestate !== undefined) message.tracestate = run.tracestate;
  if (run.deadlineAt !== undefined) message.deadline = run.deadlineAt;
  if (task.checkpoint !== undefined) message.restored = task.checkpoint;
  return message;
}
