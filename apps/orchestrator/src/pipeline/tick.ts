import { type SerializedError, serializeError, TimeoutError } from '@mainstay/types';
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
  if ((draft.run.deadlineAt ?? Infinity) > draft.now) return false;
  endAtDeadline(draft);
  return true;
}

/** How far the clocks of a worker and of the store may be apart, for both to speak of the same moment. */
const CLOCKS_APART_MS = 1_000;

/**
 * Fails the run instead of an attempt that failed at the run's deadline; true if it has. Whoever notices a deadline first, its worker or
 * the store's clock, it ends the same.
 */
export function endWithAttempt(draft: Draft, { code, details }: SerializedError): boolean {
  if (endOverdue(draft)) return true;
  const { deadlineAt } = draft.run;
  if (deadlineAt === undefined || deadlineAt - draft.now > CLOCKS_APART_MS) return false;
  if (code !== 'DEADLINE_EXCEEDED' || details?.['deadline'] !== deadlineAt) return false;
  endAtDeadline(draft);
  return true;
}

function endAtDeadline(draft: Draft): void {
  const { deadlineAt = draft.now } = draft.run;
  const message = 'The run did not end before its deadline';
  failRun(draft, serializeError(new TimeoutError('DEADLINE_EXCEEDED', message, { details: { deadlineAt } })), 'deadline');
}
