import { countdown, duration } from './durations.ts';
import { type Cell, cell, type Line } from './line.ts';
import type { StageModel } from './run-model.ts';
import { bar, lookOf } from './symbols.ts';
import { clean, padText, widthOf } from './text.ts';

/** Columns of the table of stages; 0: left out. */
export interface StageColumns {
  readonly id: number;
  readonly agent: number;
  readonly bar: number;
  readonly note: number;
  readonly attempt: number;
}

const DURATION = 7;
const PERCENT = 5;

/** Shares the width out; what matters least goes first on a narrow terminal. */
export function stageColumns(stages: readonly StageModel[], width: number): StageColumns {
  const widest = (texts: readonly string[], most: number) => Math.min(most, Math.max(0, ...texts.map((text) => widthOf(clean(text)))));
  const id = Math.min(
    widest(
      stages.map((stage) => stage.id),
      28,
    ),
    Math.max(4, width - DURATION - 4),
  );
  const attempt = stages.some((stage) => stage.attempt > 1) ? 8 : 0;
  let left = width - 2 - id - 1 - DURATION;
  const take = (wanted: number, least: number) => {
    if (left < least) return 0;
    left -= wanted + 1;
    return wanted;
  };
  const barWidth = take(Math.min(20, Math.max(8, Math.floor(width / 8))), 8 + PERCENT + 4);
  if (barWidth > 0) left -= PERCENT;
  const tries = attempt === 0 ? 0 : take(attempt, attempt + 1);
  const agent = take(
    widest(
      stages.map((stage) => stage.agent),
      24,
    ),
    24 + 18,
  );
  const note = left >= 8 ? left - 1 : 0;
  return { id, agent, bar: barWidth, note, attempt: tries };
}

/** One stage as one line. `missing`: since when no worker offers its agent, in milliseconds since 1970. */
export function stageLine(stage: StageModel, columns: StageColumns, now: number, missing: number | undefined): Line {
  const { symbol, tone } = lookOf(stage.status, now);
  const cells: Cell[] = [
    cell(`${symbol} `, tone),
    cell(`${padText(clean(stage.id), columns.id)} `, stage.status === 'pending' ? 'dim' : 'plain'),
  ];
  if (columns.agent > 0) cells.push(cell(`${padText(clean(stage.agent), columns.agent)} `, 'dim'));
  if (columns.bar > 0) cells.push(...barCells(stage, columns.bar));
  if (columns.note > 0) cells.push(cell(`${padText(noteOf(stage, now, missing), columns.note)} `, noteTone(stage, missing)));
  if (columns.attempt > 0) cells.push(cell(`${padText(stage.attempt > 1 ? `try ${stage.attempt}` : '', columns.attempt)} `, 'warn'));
  cells.push(cell(padText(elapsed(stage, now), DURATION, 'right'), 'dim'));
  return cells;
}

function barCells({ status, fraction }: StageModel, width: number): Cell[] {
  const done = status === 'succeeded' ? 1 : (fraction ?? 0);
  const active = status === 'running' || status === 'succeeded' || status === 'waiting';
  const percent = active && (fraction !== undefined || status === 'succeeded') ? `${Math.round(done * 100)}%` : '';
  const tone = status === 'succeeded' ? 'good' : active ? 'accent' : 'dim';
  return [cell(bar(done, width), tone), cell(`${padText(percent, PERCENT, 'right')} `, 'dim')];
}

function noteOf(stage: StageModel, now: number, missing: number | undefined): string {
  if (stage.status === 'dispatched' && missing !== undefined) {
    return `no worker offers ${clean(stage.agent)}, for ${countdown(now - missing)}`;
  }
  switch (stage.status) {
    case 'ready': {
      const again = stage.dueAt === undefined || stage.dueAt <= now ? 'tries again' : `tries again in ${countdown(stage.dueAt - now)}`;
      return stage.note === undefined ? again : `${again}: ${stage.note}`;
    }
    case 'waiting':
      return 'waits for a decision';
    case 'succeeded':
      return stage.degraded === true ? 'with a fallback' : '';
    case 'dispatched':
      return stage.note ?? 'waits for a worker';
    case 'skipped':
    case 'cancelled':
      return stage.status;
    default:
      return stage.note ?? '';
  }
}

function noteTone(stage: StageModel, missing: number | undefined): Cell['tone'] {
  if (stage.status === 'failed' || stage.status === 'dead') return 'bad';
  return stage.status === 'waiting' || stage.status === 'ready' || missing !== undefined || stage.degraded === true ? 'warn' : 'dim';
}

function elapsed({ status, startedAt, finishedAt }: StageModel, now: number): string {
  if (startedAt === undefined || status === 'pending' || status === 'skipped') return '';
  return duration((finishedAt ?? now) - startedAt);
}
