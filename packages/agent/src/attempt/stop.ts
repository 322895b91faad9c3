import { AgentError, CancelledError, type MainstayError, type Question, type TimeoutError } from '@mainstay/types';

/** Why an attempt is ended before its `run` has settled by itself. */
export type Stop =
  /** It asked a question whose answer is not there. */
  | { readonly kind: 'asked'; readonly question: Question }
  /** It is handed back without costing an attempt. `keepsOutput`: an output that comes all the same counts. */
  | { readonly kind: 'suspended'; readonly keepsOutput: boolean; readonly error: MainstayError }
  | { readonly kind: 'timeout'; readonly error: TimeoutError }
  /** Somebody told the worker to stop it. */
  | { readonly kind: 'cancelled' }
  /** Another attempt has the task: nothing that this one does counts. */
  | { readonly kind: 'lost' };

const RANK = { asked: 1, suspended: 1, timeout: 1, cancelled: 2, lost: 3 } as const satisfies Record<Stop['kind'], number>;

/** True when `next` replaces the stop that is being carried out. */
export function overrides(next: Stop, present: Stop | undefined): boolean {
  return present === undefined || RANK[next.kind] > RANK[present.kind];
}

/** What the attempt's signal aborts with. */
export function stopReason(stop: Stop): MainstayError {
  switch (stop.kind) {
    case 'asked':
      return new CancelledError('SUSPENDED', `The attempt ends here to wait for the answer to "${stop.question.key}"`);
    case 'suspended':
    case 'timeout':
      return stop.error;
    case 'cancelled':
      return new CancelledError('CANCELLED', 'The task was cancelled');
    case 'lost':
      return new AgentError('LEASE_LOST', 'Another attempt has the task, or its lease ran out');
  }
}
