import type { DeadLetterRow, DeadLetterStatus } from './store.ts';

/** One that was discarded and then redriven with its run counts as redriven. */
export function deadLetterStatus({ redrivenAt, discardedAt }: Pick<DeadLetterRow, 'redrivenAt' | 'discardedAt'>): DeadLetterStatus {
  if (redrivenAt !== undefined) return 'redriven';
  return discardedAt === undefined ? 'waiting' : 'discarded';
}
