import { ConflictError, isUuid, MainstayError, NotFoundError, OverloadError } from '@mainstay/types';
import type { Store } from '../store/store.ts';
import type { UserInput } from './engine.ts';
import type { RunState, Verdict } from '../pipeline/model.ts';
import type { Applier } from './applier.ts';
import type { RunCache } from './run-cache.ts';

export interface ActsDeps {
  readonly store: Store;
  readonly cache: RunCache;
  readonly applier: Applier;
  /** Inputs that may wait for their answer; further ones are refused with OVERLOADED. */
  readonly maxWaiting: number;
}

/** Applies what users want of their runs. */
export class Acts {
  readonly #deps: ActsDeps;
  #waiting = 0;

  constructor(deps: ActsDeps) {
    this.#deps = deps;
  }

  /** Resolves with the state on disk; see `Engine.act`. */
  async act(tenant: string, run: string, input: UserInput): Promise<RunState> {
    if (this.#waiting >= this.#deps.maxWaiting)
      throw new OverloadError('OVERLOADED', `${this.#waiting} requests wait already; retry later`, { retryAfterMs: 1_000 });
    this.#waiting++;
    try {
      return await this.#apply(tenant, run, input);
    } finally {
      this.#waiting--;
    }
  }

  async #apply(tenant: string, run: string, input: UserInput): Promise<RunState> {
    const { store, cache, applier } = this.#deps;
    const known = isUuid(run) ? (cache.get(run) ?? (await store.load([run])).get(run)) : undefined;
    if (known?.tenant !== tenant) throw new NotFoundError('RUN_NOT_FOUND', `There is no run ${run}`, { details: { run } });
    const { verdict, state } = await applier.apply(run, input, false);
    if (!verdict.taken) throw await refusal(store, tenant, run, input, verdict);
    return state;
  }
}

/** The error for a user's input that was not taken. */
async function refusal(
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
