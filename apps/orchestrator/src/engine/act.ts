import { ConflictError, MainstayError, NotFoundError } from '@mainstay/types';
import type { Store } from '../store/store.ts';
import type { UserInput } from './engine.ts';
import type { Verdict } from '../pipeline/model.ts';

/** The error for a user's input that was not taken. */
export async function refusal(
  store: Store,
  tenant: string,
  run: string,
  input: UserInput,
  verdict: Extract<Verdict, { taken: false }>,
): Promise<MainstayError> {
  if (verdict.why === 'stale')
    return new ConflictError('RUN_STATE_CONFLICT', `The run ${run} has nothing to ${input.type}`, { details: { run } });
  if (verdict.code === 'DECISION_NOT_FOUND' && input.type === 'answer') {
    const decision = await store.decision(tenant, input.decision);
    if (decision?.status === 'answered') {
      return new ConflictError('DECISION_ALREADY_MADE', `The decision ${input.decision} was already made by ${decision.by ?? 'somebody'}`, {
        details: { decision: input.decision, answer: decision.answer ?? null },
      });
    }
    return new NotFoundError('DECISION_NOT_FOUND', `There is no decision ${input.decision}`, { details: { decision: input.decision } });
  }
  return new MainstayError(verdict.code, verdict.message, { details: { run } });
}
