import type { Counter } from 'prom-client';

/**
 * The counter, with a series at 0 for each of the label's values: a rate sees the first event as well, and a panel says 0 instead of nothing.
 */
export function zeroed<L extends string>(counter: Counter<L>, label: L, values: readonly string[]): Counter<L> {
  for (const value of values) counter.inc({ [label]: value } as Record<L, string>, 0);
  return counter;
}
