import type { DecisionState, RunState } from '../../pipeline/model.ts';
import { NOTHING_RARE, type OpenedWrite, type Writes } from '../writes.ts';
import { json, time } from './encode-cells.ts';
import { encodeJson, encodeText } from './json.ts';
import type { Cell } from './sql/statement.ts';

export type Row = Readonly<Record<string, Cell>>;

/** Rows of tables that few changes write to. */
export interface RareRows {
  readonly openedDecisions: readonly Row[];
  readonly closedDecisions: readonly Row[];
  readonly deadLetters: readonly Row[];
  readonly redriven: readonly Row[];
  readonly redriveRecords: readonly Row[];
  readonly checkpoints: readonly Row[];
  readonly removedCheckpoints: readonly Row[];
}

/** Undefined when there are none. */
export function rareRows(run: RunState, { rare, at }: Writes): RareRows | undefined {
  if (rare === NOTHING_RARE) return undefined;
  const inRun = { run_id: run.id, tenant: run.tenant };
  const rows: RareRows = {
    openedDecisions: rare.opened.map((opened) => openedRow(inRun, opened)),
    closedDecisions: [
      ...rare.closed.map((closed) => ({ id: closed.id, run_id: run.id, status: 'answered', ...answerColumns(closed) })),
      ...rare.withdrawn.map((id) => ({ id, run_id: run.id, status: 'withdrawn', ...answerColumns(undefined) })),
    ],
    deadLetters: rare.deadLetters.map(({ id, stage, agent, attempt, losses, input, error, at }) => ({
      ...{ ...inRun, id, pipeline: run.pipeline, stage, agent, attempt, losses },
      ...{ input: encodeJson(input), error: encodeJson(error), at: time(at) },
    })),
    redriven: rare.redriven.map((stage) => ({ run_id: run.id, stage, at: time(at ?? run.createdAt) })),
    redriveRecords: rare.redriveRecords.map(({ id, stage, actor, action, details, correlationId }) => ({
      ...{ run_id: run.id, stage, id, actor: encodeText(actor), action },
      ...{ details: encodeJson(details), correlation_id: encodeText(correlationId) },
    })),
    checkpoints: rare.checkpoints.map(({ stage, fence, state }) => ({ ...inRun, stage, fence, state: encodeJson(state) })),
    removedCheckpoints: rare.checkpointsRemoved.map((stage) => ({ run_id: run.id, stage })),
  };
  return Object.values(rows).some((part: readonly Row[]) => part.length > 0) ? rows : undefined;
}

function openedRow(inRun: { readonly run_id: string; readonly tenant: string }, { decision, closed }: OpenedWrite): Row {
  const { id, stage, kind, question, openedAt, expiresAt }: DecisionState = decision;
  return {
    ...{ ...inRun, id, stage, kind, status: closed === undefined ? 'open' : 'answered', question: encodeJson(question) },
    ...{ opened_at: time(openedAt), expires_at: time(expiresAt), ...answerColumns(closed) },
  };
}

function answerColumns(closed: OpenedWrite['closed']): Row {
  return {
    answer: json(closed?.answer),
    comment: closed?.comment === undefined ? null : encodeText(closed.comment),
    answered_by: closed === undefined ? null : encodeText(closed.by),
    answered_at: time(closed?.at),
  };
}
