import { type Clock, withTimeout } from '@mainstay/utils';

/** What is done in an emergency, in this order. */
export const EMERGENCY_ACTIONS = [
  'collect-garbage',
  'cancel-low-priority',
  'clear-caches',
  'release-resources',
  'lock-down',
  'alert',
] as const;
export type EmergencyAction = (typeof EMERGENCY_ACTIONS)[number];

/** What an action does; a promise that it gives back is waited for. `leave` takes back what must not stay when the emergency is over, such as a lock-down. */
export interface ActionHandler {
  readonly enter: (signal: AbortSignal) => unknown;
  readonly leave?: (signal: AbortSignal) => unknown;
}

export type ActionHandlers = Readonly<Partial<Record<EmergencyAction, ActionHandler>>>;

export interface ActionResult {
  readonly action: EmergencyAction;
  /** `absent`: nothing is there to be done. */
  readonly result: 'done' | 'failed' | 'absent';
  readonly tookMs: number;
  readonly error?: string;
}

/**
 * Runs the six actions one after the other (in reverse when leaving). Each has `timeoutMs`; one that fails or hangs is told of and
 * the next begins. Never rejects.
 */
export async function runActions(
  phase: 'enter' | 'leave',
  handlers: ActionHandlers,
  { timeoutMs, clock }: { readonly timeoutMs: number; readonly clock: Clock },
): Promise<readonly ActionResult[]> {
  const order = phase === 'enter' ? EMERGENCY_ACTIONS : [...EMERGENCY_ACTIONS].reverse();
  const results: ActionResult[] = [];
  for (const action of order) {
    const work = handlers[action]?.[phase];
    if (work !== undefined) results.push(await runOne(action, work, timeoutMs, clock));
    else if (phase === 'enter') results.push({ action, result: 'absent', tookMs: 0 });
  }
  return results;
}

async function runOne(action: EmergencyAction, work: ActionHandler['enter'], timeoutMs: number, clock: Clock): Promise<ActionResult> {
  const begun = clock.monotonic();
  try {
    await withTimeout(work, timeoutMs, { name: `emergency action ${action}`, clock });
    return { action, result: 'done', tookMs: clock.monotonic() - begun };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return { action, result: 'failed', tookMs: clock.monotonic() - begun, error: said };
  }
}
