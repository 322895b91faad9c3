import { table } from '../report/table.ts';
import { ratio, type Spread, spread } from '../statistics.ts';
import { BARE, FACADE, OURS, THEIRS } from './subjects.ts';

/** What 10,000 breakers of one library take. */
export interface BreakersTaken {
  readonly name: string;
  readonly use: string;
  readonly kept: number;
  readonly heapBytes: number;
  readonly rssBytes: number;
  readonly timers: number;
}

/** All of one call of the benchmark. */
export interface ResilienceResults {
  readonly at: string;
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  /** Of the last minute, when it began: above 0.5, others use the machine. */
  readonly load: number;
  readonly quick: boolean;
  /** Nanoseconds that a successful call takes by subject, one of each process. */
  readonly calls: Readonly<Record<string, readonly number[]>>;
  /** The same of CPU time, which does not depend on what else the machine does: the calls never wait. */
  readonly cpuCalls: Readonly<Record<string, readonly number[]>>;
  readonly breakers: readonly BreakersTaken[];
}

export interface ResilienceBar {
  readonly demand: string;
  readonly measured: string;
  readonly kept: boolean;
}

const MAX_NANOS = 1_600;
const MAX_SHARE = 0.3;
const MAX_FACADE_NANOS = 5_000;
const MIB = 1_048_576;
const MAX_MIB = 60;

export function resilienceBars({ cpuCalls, breakers }: ResilienceResults): readonly ResilienceBar[] {
  const own = spread(cpuCalls[OURS] ?? [])?.median ?? Number.NaN;
  const facade = spread(cpuCalls[FACADE] ?? [])?.median ?? Number.NaN;
  const share = ratio(own, spread(cpuCalls[THEIRS] ?? [])?.median) ?? Number.NaN;
  const taken = breakers.filter(({ name }) => name === 'Mainstay');
  const mib = Math.max(...taken.map(({ rssBytes, heapBytes }) => Math.max(rssBytes, heapBytes))) / MIB;
  const timers = Math.max(...taken.map((one) => one.timers));
  return [
    { demand: `${OURS}: ≤ ${MAX_NANOS} ns of CPU`, measured: `${own.toFixed(0)} ns`, kept: own <= MAX_NANOS },
    { demand: `${OURS}: ≤ ${MAX_SHARE} × ${THEIRS}`, measured: `${share.toFixed(2)} ×`, kept: share <= MAX_SHARE },
    { demand: `${FACADE}: ≤ ${MAX_FACADE_NANOS} ns of CPU`, measured: `${facade.toFixed(0)} ns`, kept: facade <= MAX_FACADE_NANOS },
    { demand: `10,000 breakers: ≤ ${MAX_MIB} MiB`, measured: `${mib.toFixed(1)} MiB`, kept: mib <= MAX_MIB },
    { demand: 'timers of 10,000 breakers: none', measured: String(timers), kept: timers === 0 },
  ];
}

/** The whole report for the terminal. */
export function resilienceText(results: ResilienceResults): string {
  const { at, node, cpu, cores, load, quick } = results;
  const notice = quick ? ['Quick: few calls, so the figures say that everything works, not how fast it is.'] : [];
  const bars = resilienceBars(results).map(({ demand, measured, kept }) => [demand, measured, kept ? 'PASS' : 'FAIL']);
  return [
    `${at}, Node ${node}, ${cores} cores (${cpu}), load ${load.toFixed(2)}`,
    ...notice,
    `A successful call\n${table(callRows(results))}`,
    `Breakers\n${table(breakerRows(results))}`,
    `Bars\n${table(bars)}`,
    '',
  ].join('\n\n');
}

function callRows({ calls, cpuCalls }: ResilienceResults): readonly (readonly string[])[] {
  const bare = spread(cpuCalls[BARE] ?? [])?.median;
  const rows = Object.entries(calls).map(([name, nanos]) => rowOf(name, spread(nanos), spread(cpuCalls[name] ?? []), bare));
  return [['subject', 'ns elapsed', 'min–max', 'ns of CPU', 'min–max', 'of bare'], ...rows];
}

function rowOf(name: string, nanos: Spread | undefined, cpu: Spread | undefined, bare: number | undefined): readonly string[] {
  const times = ratio(cpu?.median, bare);
  return [name, ...spreadText(nanos), ...spreadText(cpu), times === undefined ? '–' : `${times.toFixed(1)} ×`];
}

function spreadText(value: Spread | undefined): readonly [median: string, range: string] {
  return value === undefined ? ['–', '–'] : [value.median.toFixed(0), `${value.min.toFixed(0)}–${value.max.toFixed(0)}`];
}

function breakerRows({ breakers }: ResilienceResults): readonly (readonly string[])[] {
  const rows = breakers.map(({ name, use, kept, heapBytes, rssBytes, timers }) => [
    `${name}, ${use}`,
    String(kept),
    (heapBytes / MIB).toFixed(1),
    (rssBytes / MIB).toFixed(1),
    String(timers),
  ]);
  return [['whose, after', 'breakers', 'heap MiB', 'process MiB', 'timers'], ...rows];
}
