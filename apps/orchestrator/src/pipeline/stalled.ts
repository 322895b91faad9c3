import type { Draft } from './draft.ts';
import type { RunEvent, RunInput, StallReason } from './model.ts';

/** A stall that the events of a run tell of, and nothing has happened since. */
export interface ToldStall {
  readonly reason: StallReason;
  readonly since: number;
  /** Of the last event before it that tells of anything else. */
  readonly lastEventAt: number;
}

/** Tells of a stall, unless the run has gone on since it was seen. It changes nothing else. */
export function stalled(draft: Draft, { reason, since, lastEventAt, seq }: Extract<RunInput, { type: 'stalled' }>): void {
  if (!draft.mayDispatch || draft.changes > 0 || draft.before.seq !== seq) return;
  draft.event('run.stalled', undefined, { reason, since, lastEventAt });
}

/** What the last event of a run says of a stall; undefined: it tells of something else, or a newer version wrote it otherwise. */
export function toldStall(last: RunEvent | undefined): ToldStall | undefined {
  if (last?.type !== 'run.stalled') return undefined;
  const { reason, since, lastEventAt } = last.data ?? {};
  if (reason !== 'overdue' && reason !== 'silent' && reason !== 'undecided') return undefined;
  return typeof since === 'number' && typeof lastEventAt === 'number' ? { reason, since, lastEventAt } : undefined;
}
