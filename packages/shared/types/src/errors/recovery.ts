import type { Disposition, ErrorCategory } from './catalogue.ts';

/**
 * What brings a failed operation on its way again.
 * - `retry`: the same once more, with back-off.
 * - `wait`: the same, not before the other side has room again (`retryAfterMs`).
 * - `correct`: another input, definition or request.
 * - `authorize`: other credentials or rights.
 * - `configure`: somebody who runs the platform has to change something.
 * - `repair`: the code of an agent or of the platform is at fault.
 * - `none`: nothing is broken.
 */
export type Recovery = 'retry' | 'wait' | 'correct' | 'authorize' | 'configure' | 'repair' | 'none';

/** What helps where trying again does not. */
const LASTING: Readonly<Record<ErrorCategory, Recovery>> = {
  agent: 'repair',
  pipeline: 'correct',
  validation: 'correct',
  network: 'configure',
  timeout: 'configure',
  conflict: 'correct',
  'not-found': 'correct',
  authentication: 'authorize',
  authorization: 'authorize',
  overload: 'configure',
  configuration: 'configure',
  dependency: 'configure',
  cancelled: 'none',
  internal: 'repair',
};

/** The recovery strategy for an error, or for an entry of the catalogue. */
export function recoveryOf({ category, disposition }: { readonly category: ErrorCategory; readonly disposition: Disposition }): Recovery {
  if (disposition === 'cancelled') return 'none';
  if (disposition === 'terminal') return LASTING[category];
  return category === 'overload' ? 'wait' : 'retry';
}
