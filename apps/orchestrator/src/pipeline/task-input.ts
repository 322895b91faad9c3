import { AgentError, type JsonValue, type SerializedError, serializeError } from '@mainstay/types';
import type { Draft } from './draft.ts';
import type { CompiledStage, TaskBase } from './model.ts';
import { scopeOf } from './scope.ts';

/** The input of a task, or why it has none. */
export type Resolved = { readonly value: JsonValue } | { readonly error: SerializedError };

/** The task's input if its agent accepts it. */
export function resolveInput(draft: Draft, stage: CompiledStage, task: TaskBase): Resolved {
  const mapped = mapInput(draft, stage, task);
  if ('error' in mapped) return mapped;
  const issues = draft.context.inputProblems(task.agent, mapped.value);
  if (issues.length === 0) return mapped;
  const message = `The input of stage ${stage.id} does not satisfy the schema of agent ${task.agent}: ${issues.slice(0, 3).join('; ')}`;
  return { error: serializeError(new AgentError('AGENT_INPUT_INVALID', message, { details: { issues: issues.slice(0, 100) } })) };
}

/** The operator's replacement, or what the mapping gives. */
export function mapInput(draft: Draft, stage: CompiledStage, task: TaskBase): Resolved {
  if (task.inputOverride !== undefined) return { value: task.inputOverride };
  if (stage.input === undefined) return { value: draft.run.input };
  try {
    return { value: stage.mapInput(scopeOf(draft, stage.references)) };
  } catch (error) {
    return { error: serializeError(error) };
  }
}
