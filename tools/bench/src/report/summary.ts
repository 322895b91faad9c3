import type { Figures } from '../driver/job.ts';
import type { EngineName } from '../engines.ts';
import type { Recovery } from '../recover.ts';
import type { Measurement, Results } from '../results.ts';
import { median, type Spread, spread } from '../statistics.ts';
import type { WorkloadName } from '../workloads.ts';

/** What is compared of a workload: more steps per second, or fewer milliseconds. */
export const COMPARED: Readonly<Record<WorkloadName, { readonly unit: 'steps/s' | 'ms'; readonly title: string }>> = {
  chain: { unit: 'steps/s', title: 'chain: 5 steps in sequence' },
  fan: { unit: 'steps/s', title: 'fan: 1 step, 10 in parallel, 1 step' },
  lone: { unit: 'ms', title: 'lone: the chain alone, median time' },
  payload: { unit: 'steps/s', title: 'payload: the chain with 16 KB outputs' },
  recovery: { unit: 'ms', title: 'recovery: kill -9 of the worker to the last end' },
};

/** All rounds of a workload on an engine. */
export interface Row {
  readonly workload: WorkloadName;
  readonly engine: EngineName;
  readonly rounds: number;
  /** In the unit of {@link COMPARED}. */
  readonly value: Spread;
  /** Medians of the rounds' latencies; not for the recovery. */
  readonly latencyMs?: { readonly p50: number; readonly p95: number; readonly p99: number };
  /** Medians of the busy cores, by process. */
  readonly cores?: Readonly<Record<string, number>>;
  /** Medians of the CPU time that a step cost, in microseconds, by process. */
  readonly cpuMicros?: Readonly<Record<string, number>>;
  /** Median of the messages per transaction, where the engine tells. */
  readonly batchSize?: number;
  /** Greatest resident memory of all rounds, by process. */
  readonly peakBytes?: Readonly<Record<string, number>>;
  /** The worst of all rounds. */
  readonly recovery?: { readonly repeated: number; readonly lostRuns: number };
}

export function summarize({ measurements, workloads }: Pick<Results, 'measurements' | 'workloads'>): readonly Row[] {
  return workloads.flatMap(({ name }) => {
    const ofWorkload = measurements.filter(({ figures }) => figures.workload === name);
    const engines = [...new Set(ofWorkload.map(({ engine }) => engine))];
    return engines.flatMap((engine) =>
      rowOf(
        name,
        engine,
        ofWorkload.filter((one) => one.engine === engine),
      ),
    );
  });
}

function rowOf(workload: WorkloadName, engine: EngineName, measurements: readonly Measurement[]): readonly Row[] {
  const figures = measurements.map((one) => one.figures);
  const value = spread(figures.map(valueOf));
  if (value === undefined) return [];
  const measured = figures.filter((one) => one.type === 'figures');
  const recovered = figures.filter((one) => one.type === 'recovery');
  return [
    {
      workload,
      engine,
      rounds: figures.length,
      value,
      ...(measured.length > 0 ? ofFigures(measured) : {}),
      ...(recovered.length > 0
        ? {
            recovery: {
              repeated: greatest(recovered.map((one) => one.repeated)),
              lostRuns: greatest(recovered.map((one) => one.lostRuns)),
            },
          }
        : {}),
    },
  ];
}

function valueOf(figures: Figures | Recovery): number {
  if (figures.type === 'recovery') return figures.recoveryMs;
  return COMPARED[figures.workload].unit === 'ms' ? figures.p50Ms : figures.stepsPerSecond;
}

function ofFigures(figures: readonly Figures[]): Pick<Row, 'latencyMs' | 'cores' | 'cpuMicros' | 'batchSize' | 'peakBytes'> {
  const batchSize = median(
    figures.flatMap(({ commits }) => (commits === undefined || commits.commits === 0 ? [] : commits.inputs / commits.commits)),
  );
  const middle = (pick: (one: Figures) => number): number => median(figures.map(pick)) ?? 0;
  return {
    latencyMs: { p50: middle((one) => one.p50Ms), p95: middle((one) => one.p95Ms), p99: middle((one) => one.p99Ms) },
    cores: byProcess(
      figures,
      (one) => one.cores,
      (values) => median(values) ?? 0,
    ),
    cpuMicros: byProcess(figures, microsPerStep, (values) => median(values) ?? 0),
    ...(batchSize === undefined ? {} : { batchSize }),
    peakBytes: byProcess(figures, (one) => one.peakBytes, greatest),
  };
}

function microsPerStep({ cores, stepsPerSecond }: Figures): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(cores).map(([name, busy]) => [name, (busy * 1e6) / stepsPerSecond]));
}

function byProcess(
  figures: readonly Figures[],
  pick: (one: Figures) => Readonly<Record<string, number>>,
  join: (values: readonly number[]) => number,
): Record<string, number> {
  const names = new Set(figures.flatMap((one) => Object.keys(pick(one))));
  return Object.fromEntries([...names].map((name) => [name, join(figures.flatMap((one) => pick(one)[name] ?? []))]));
}

const greatest = (values: readonly number[]): number => Math.max(0, ...values);

export function rowFor(rows: readonly Row[], workload: WorkloadName, engine: EngineName): Row | undefined {
  return rows.find((row) => row.workload === workload && row.engine === engine);
}

/** How much better Mainstay is than the peer: above 1 it is faster; undefined where one of them was not measured. */
export function advantage(rows: readonly Row[], workload: WorkloadName, peer: EngineName): number | undefined {
  const ours = rowFor(rows, workload, 'mainstay')?.value.median;
  const theirs = rowFor(rows, workload, peer)?.value.median;
  if (ours === undefined || theirs === undefined || ours === 0 || theirs === 0) return undefined;
  return COMPARED[workload].unit === 'ms' ? theirs / ours : ours / theirs;
}
