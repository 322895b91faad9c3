import { serializeError, TimeoutError } from '@mainstay/types';
import { expire } from './decisions.ts';
import type { Draft } from './draft.ts';
import { failRun } from './end-run.ts';
import { collectDue } from './settle.ts';

/** Looks at due times: the run's deadline, decisions, backoffs. */
export function tick(draft: Draft): void {
  if (draft.final || draft.run.status === 'queued') return;
  if (endOverdue(draft)) return;
  for (const decision of [...draft.decisions.values()]) {
    if (draft.decisions.has(decision.id) && decision.expiresAt !== undefined && decision.expiresAt <= draft.now) expire(draft, decision);
  }
  collectDue(draft);
}

/** Fails a run whose deadline has passed; true if it has. */
export function endOverdue(draft: Draft): boolean {
  const { deadlineAt } = draft.run;
  if (deadlineAt === undefined || deadlineAt > draft.now) return false;
  const message = 'The run did not end before its deadline';
  failRun(draft, serializeError(new TimeoutError('DEADLINE_EXCEEDED', message, { details: { deadlineAt } })), 'deadline');
  return true;
}
