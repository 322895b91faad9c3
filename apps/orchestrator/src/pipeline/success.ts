import type { JsonValue } from '@mainstay/types';
import type { Draft } from './draft.ts';
import type { TaskBase } from './model.ts';
import { withoutCheckpoint, withoutError } from './task-states.ts';

/** The task is done. Its checkpoint is no longer needed; a degraded one keeps the error that made it so. */
export function succeed(draft: Draft, base: TaskBase, output: JsonValue, degraded: boolean): void {
  if (base.checkpoint !== undefined) draft.noteCheckpoint(base.stage);
  const kept = withoutCheckpoint(degraded ? base : withoutError(base));
  draft.setTask({ ...kept, status: 'succeeded', output, finishedAt: draft.now, degraded });
  draft.event('task.succeeded', base.stage, { agent: base.agent, attempt: base.attempt, fence: base.fence, degraded });
  draft.done.push(base.stage);
}
