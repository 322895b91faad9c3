import type { JsonValue } from '@mainstay/types';
import type { Draft } from './draft.ts';
import type { Scope } from './model.ts';

/** What expressions see of the run: its input and the stages that they refer to. A stage that was skipped has the output null. */
export function scopeOf(draft: Draft, references: readonly string[], output?: JsonValue): Scope {
  const stages: Record<string, { readonly output: JsonValue; readonly status: string }> = {};
  for (const id of references) {
    const task = draft.tasks.get(id);
    if (task !== undefined) stages[id] = { output: task.status === 'succeeded' ? task.output : null, status: task.status };
  }
  return { input: draft.run.input, stages, ...(output === undefined ? {} : { output }) };
}
