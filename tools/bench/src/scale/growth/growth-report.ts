import { figure, mib } from '../../report/figure.ts';
import { median, ratio } from '../../statistics.ts';
import { atLeast, type Report } from '../part.ts';
import type { TableSize } from './history.ts';

interface ChainFigures {
  readonly stepsPerSecond: number;
  /** Messages per commit, where the orchestrator tells. */
  readonly batchSize?: number;
}

export interface GrowthRound {
  readonly empty: ChainFigures;
  readonly grown: ChainFigures;
}

export interface GrowthFigures {
  readonly historyRuns: number;
  readonly stepsPerRun: number;
  readonly rounds: readonly GrowthRound[];
  readonly tables: readonly TableSize[];
  /** Milliseconds of each removal of that many runs. */
  readonly purge: { readonly runs: number; readonly ms: readonly number[] };
}

const LEAST_SHARE = 0.9;

export function growthReport({ historyRuns, stepsPerRun, rounds, tables, purge }: GrowthFigures): Report {
  const empty = median(rounds.map((round) => round.empty.stepsPerSecond));
  const grown = median(rounds.map((round) => round.grown.stepsPerSecond));
  const share = ratio(grown, empty);
  const tasks = (historyRuns * stepsPerRun).toLocaleString('en-US');
  const purgeMs = median(purge.ms);
  return {
    tables: [
      {
        title: `Steps/s with no history and with ${tasks} finished tasks`,
        rows: [
          ['round', 'empty', 'with history', 'ratio', 'messages per commit'],
          ...rounds.map((round, index) => roundRow(String(index + 1), round)),
          ['median', shown(empty), shown(grown), share?.toFixed(2) ?? '–'],
        ],
      },
      {
        title: 'Tables with that history',
        rows: [['table', 'rows', 'table', 'indexes', 'bytes per task'], ...tables.map((one) => tableRow(one, historyRuns * stepsPerRun))],
      },
      {
        title: 'Removal of finished runs',
        rows: [
          ['runs', 'ms', 'ms per 1,000 runs'],
          [String(purge.runs), shown(purgeMs), shown(perThousand(purgeMs, purge.runs))],
        ],
      },
    ],
    demands: [atLeast(`with ${tasks} finished tasks ≥ ${LEAST_SHARE} × empty`, share, LEAST_SHARE, (value) => `${value.toFixed(2)} ×`)],
  };
}

function roundRow(name: string, { empty, grown }: GrowthRound): readonly string[] {
  const batches = [empty.batchSize, grown.batchSize].map(shown).join(', ');
  return [
    name,
    figure(empty.stepsPerSecond),
    figure(grown.stepsPerSecond),
    (grown.stepsPerSecond / empty.stepsPerSecond).toFixed(2),
    batches,
  ];
}

function tableRow({ name, rows, tableBytes, indexBytes }: TableSize, tasks: number): readonly string[] {
  return [name, rows.toLocaleString('en-US'), mib(tableBytes), mib(indexBytes), figure((tableBytes + indexBytes) / tasks)];
}

function perThousand(ms: number | undefined, runs: number): number | undefined {
  return ms === undefined ? undefined : (ms * 1_000) / runs;
}

function shown(value: number | undefined): string {
  return value === undefined ? '–' : figure(value);
}
