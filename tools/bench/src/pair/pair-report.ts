import { MIB } from '../report/figure.ts';
import { environmentText } from '../report/text.ts';
import { table } from '../report/table.ts';
import type { Environment } from '../environment.ts';
import { ARM_NAMES, type ArmName } from './arm.ts';
import type { Generation } from './measure-pair.ts';
import { pairFigures, type PairFigures } from './pair-figures.ts';

/** What one comparison promises. */
export interface PairBars {
  /** What the arm "on" has that "off" has not. */
  readonly subject: string;
  /** Throughput with it, as a share of that without it. */
  readonly leastThroughput: number;
  /** Of orchestrator and worker together. */
  readonly mostBytes: number;
}

export interface PairResults {
  readonly environment: Environment;
  readonly quick: boolean;
  readonly generations: readonly Generation[];
  /** Lines that tell what else was seen. */
  readonly notes: readonly string[];
  /** Beside those of every comparison. */
  readonly bars: readonly PairBar[];
}

export interface PairBar {
  readonly demand: string;
  readonly measured: string;
  readonly kept: boolean;
}

export function pairBars(figures: PairFigures, { subject, leastThroughput, mostBytes }: PairBars): readonly PairBar[] {
  const { meanThroughput, throughputError, heldBytes } = figures;
  return [
    {
      demand: `${subject}: ≥ ${shareText(leastThroughput)} of the steps/s without`,
      measured: `${shareText(meanThroughput)} ± ${shareText(throughputError)}`,
      kept: meanThroughput >= leastThroughput,
    },
    {
      demand: `${subject}: ≤ ${mibText(mostBytes)} more memory, orchestrator and worker together`,
      measured: mibText(heldBytes.median),
      kept: heldBytes.median <= mostBytes,
    },
  ];
}

/** The whole report for the terminal. */
export function pairText({ environment, quick, generations, notes, bars: others }: PairResults, bars: PairBars): string {
  const figures = pairFigures(generations);
  const { throughput, cpu, heldBytes, residentBytes } = figures;
  const notice = quick ? ['Quick: few runs, so the figures say that everything works, not how fast it is.'] : [];
  const ranges = [
    ['on by off', 'median', 'least', 'greatest'],
    [`steps/s, ${generations.length} processes`, ...[throughput.median, throughput.min, throughput.max].map(shareText)],
    [`CPU per step, ${generations.length} processes`, ...[cpu.median, cpu.min, cpu.max].map(shareText)],
    ['memory held, both processes', ...[heldBytes.median, heldBytes.min, heldBytes.max].map(mibText)],
    ['resident, with free heap', ...[residentBytes.median, residentBytes.min, residentBytes.max].map(mibText)],
  ];
  const rows = [...pairBars(figures, bars), ...others].map(({ demand, measured, kept }) => [demand, measured, kept ? 'PASS' : 'FAIL']);
  return [
    environmentText(environment),
    ...notice,
    `${bars.subject}, on and off in turn\n${table([HEADER, ...ARM_NAMES.map((name) => armRow(name, figures))])}`,
    table(ranges),
    ...(notes.length > 0 ? [notes.join('\n')] : []),
    `Bars\n${table(rows)}`,
    '',
  ].join('\n\n');
}

const HEADER = ['arm', 'steps/s', 'min–max', 'resident: orchestrator', 'worker', 'CPU µs per step'];

function armRow(name: ArmName, { arms }: PairFigures): readonly string[] {
  const { stepsPerSecond, cpuMicros, residentBytes } = arms[name];
  const all = Object.values(cpuMicros).reduce((sum, value) => sum + value, 0);
  const each = Object.entries(cpuMicros).map(([process, value]) => `${process} ${value.toFixed(1)}`);
  return [
    name,
    stepsPerSecond.median.toFixed(0),
    `${stepsPerSecond.min.toFixed(0)}–${stepsPerSecond.max.toFixed(0)}`,
    mibText(residentBytes['orchestrator'] ?? 0),
    mibText(residentBytes['worker'] ?? 0),
    `${all.toFixed(1)}: ${each.join(', ')}`,
  ];
}

function shareText(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function mibText(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}
