import { ENGINES } from '../engines.ts';
import type { Environment } from '../environment.ts';
import type { Results } from '../results.ts';
import type { Workload } from '../workloads.ts';
import { type Bar, checkBars } from './bars.ts';
import { figure, mib } from './figure.ts';
import { advantage, COMPARED, type Row, summarize } from './summary.ts';
import { table } from './table.ts';

const GIB = 1_073_741_824;

/** The whole report for the terminal. */
export function reportText(results: Results): string {
  const rows = summarize(results);
  const parts = results.workloads.map((workload) => workloadText(workload, rows));
  const failures = results.failures.map(({ round, engine, error }) => `FAILED in round ${round}: ${ENGINES[engine].label}: ${error}`);
  const quick = results.quick ? ['Quick: few runs, so the figures say that everything works, not how fast it is.'] : [];
  return [environmentText(results.environment), ...quick, ...parts, barsText(checkBars(rows, results.workloads)), ...failures, ''].join(
    '\n\n',
  );
}

export function environmentText({ cores, cpu, memoryBytes, system, node, postgres, redis, peers, load, at }: Environment): string {
  const packages = Object.entries(peers).map(([name, version]) => `${name} ${version}`);
  return [
    `${at}, ${cores} cores (${cpu}), ${(memoryBytes / GIB).toFixed(0)} GiB, ${system}, load ${load.toFixed(2)}`,
    `Node ${node}, Postgres ${postgres} (fsync and synchronous_commit on, defaults), Redis ${redis} (appendonly)`,
    packages.join(', '),
  ].join('\n');
}

function workloadText(workload: Workload, rows: readonly Row[]): string {
  const { unit, title } = COMPARED[workload.name];
  const own = rows.filter((row) => row.workload === workload.name);
  const header =
    workload.name === 'recovery'
      ? ['engine', unit, 'min–max', 'Mainstay is', 'repeated', 'lost runs']
      : ['engine', unit, 'min–max', 'Mainstay is', 'p50 ms', 'p95 ms', 'p99 ms', 'CPU µs per step'];
  const lines = own.map((row) => [
    ENGINES[row.engine].label,
    figure(row.value.median),
    `${figure(row.value.min)}–${figure(row.value.max)}`,
    row.engine === 'mainstay' ? '' : times(advantage(rows, workload.name, row.engine)),
    ...(row.recovery === undefined ? latencies(row) : [String(row.recovery.repeated), String(row.recovery.lostRuns)]),
  ]);
  const peaks = Object.entries(own.find(({ engine }) => engine === 'mainstay')?.peakBytes ?? {});
  const memory = peaks.filter(([name]) => name === 'orchestrator' || name === 'worker').map(([name, bytes]) => `${name} ${mib(bytes)}`);
  const batchSize = own.find(({ engine }) => engine === 'mainstay')?.batchSize;
  return [
    `${title} (${workload.runs} runs, ${workload.inFlight} in flight, ${own[0]?.rounds ?? 0} rounds)`,
    table([header, ...lines]),
    ...(memory.length > 0 ? [`Mainstay's peak memory: ${memory.join(', ')}`] : []),
    ...(batchSize === undefined ? [] : [`Mainstay's messages per commit: ${figure(batchSize)}`]),
  ].join('\n');
}

function latencies({ latencyMs, cpuMicros }: Row): readonly string[] {
  return [
    ...(latencyMs === undefined ? ['', '', ''] : [latencyMs.p50, latencyMs.p95, latencyMs.p99].map(figure)),
    cpuText(cpuMicros ?? {}),
  ];
}

/** All processes together, then each. */
function cpuText(micros: Readonly<Record<string, number>>): string {
  const all = Object.values(micros).reduce((sum, value) => sum + value, 0);
  return `${all.toFixed(0)}: ${Object.entries(micros)
    .map(([name, value]) => `${name} ${value.toFixed(0)}`)
    .join(', ')}`;
}

function barsText(bars: readonly Bar[]): string {
  const word = ({ kept }: Bar): string => (kept === undefined ? 'not measured' : kept ? 'PASS' : 'FAIL');
  return `Bars\n${table(bars.map((bar) => [`${bar.workload}: ${bar.demand}`, bar.measured ?? '–', word(bar)]))}`;
}

function times(value: number | undefined): string {
  return value === undefined ? '–' : `${value.toFixed(2)} × as fast`;
}
