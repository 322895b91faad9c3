import type { JsonObject } from '@mainstay/types';
import type { Redriven, RunState } from '../pipeline/model.ts';
import { newAuditEntry } from './audit-entry.ts';
import type { AuditEntry } from './audit.ts';
import { canonicalHash } from './canonical.ts';

/** What is written down of a dead letter that goes on; the store adds whose it is: `target` is the id of the letter that waits. */
export interface RedriveRecord extends Omit<AuditEntry, 'target'> {
  readonly stage: string;
}

/** Records of what a change redrives. An input is told by its hash: it may hold personal data, and records are kept long. */
export function redriveRecords(run: RunState, redriven: readonly Redriven[]): readonly RedriveRecord[] {
  return redriven.flatMap(({ stage, by, correlationId, asked, input }) => {
    const record = (action: 'dead-letter.edited' | 'dead-letter.redriven', more: JsonObject): RedriveRecord => {
      const details = { run: run.id, pipeline: run.pipeline, stage, ...more };
      const { target: _target, ...entry } = newAuditEntry({
        ...{ tenant: run.tenant, actor: by, action, target: '', details, correlationId: correlationId ?? run.correlationId },
      });
      return { ...entry, stage };
    };
    return [
      ...(input === undefined ? [] : [record('dead-letter.edited', { inputSha256: canonicalHash(input) })]),
      record('dead-letter.redriven', asked === 'run' ? { withRun: true } : {}),
    ];
  });
}
