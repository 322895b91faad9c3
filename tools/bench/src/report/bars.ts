import type { EngineName } from '../engines.ts';
import type { Workload, WorkloadName } from '../workloads.ts';
import { ratio } from '../statistics.ts';
import { type Row, rowFor } from './summary.ts';

/** A promise about Mainstay's speed, and whether it was kept. */
export interface Bar {
  readonly workload: WorkloadName;
  readonly demand: string;
  /** What was measured; undefined when something that it needs was left out. */
  readonly measured: string | undefined;
  readonly kept: boolean | undefined;
}

const LABELS = {
  mainstay: 'Mainstay',
  dbos: 'DBOS',
  'bullmq-everysec': 'BullMQ everysec',
  'bullmq-always': 'BullMQ always',
  restate: 'Restate',
};

const FASTER: readonly (readonly [workload: WorkloadName, peer: EngineName, times: number])[] = [
  ['chain', 'dbos', 10],
  ['chain', 'restate', 5],
  ['chain', 'bullmq-everysec', 1.5],
  ['fan', 'dbos', 10],
  ['fan', 'restate', 5],
  ['fan', 'bullmq-everysec', 2],
  ['payload', 'dbos', 5],
];
const LONE_RATIO = 0.6;
const LONE_PEERS: readonly EngineName[] = ['dbos', 'restate'];
const RECOVERY_PEERS: readonly EngineName[] = ['dbos', 'restate', 'bullmq-everysec', 'bullmq-always'];
const RECOVERY_SLACK_MS = 1_000;
/** Of the steps that were done: 20 of 1,000. */
const REPEATED_SHARE = 0.02;
const PEAK_MIB = 300;
const MIB = 1_048_576;

/** All bars in the order of the workloads; those of workloads that were not asked for are left out. */
export function checkBars(rows: readonly Row[], workloads: readonly Workload[]): readonly Bar[] {
  const bars = [
    ...FASTER.filter(([name]) => name !== 'payload').map((one) => faster(rows, ...one)),
    ...LONE_PEERS.map((peer) => sooner(rows, peer)),
    ...FASTER.filter(([name]) => name === 'payload').map((one) => faster(rows, ...one)),
    ...recoveryBars(rows, workloads),
    peak(rows),
  ];
  return bars.filter(({ workload }) => workloads.some(({ name }) => name === workload));
}

function faster(rows: readonly Row[], workload: WorkloadName, peer: EngineName, times: number): Bar {
  const found = ratio(rowFor(rows, workload, 'mainstay')?.value.median, rowFor(rows, workload, peer)?.value.median);
  return bar(
    workload,
    `steps/s ≥ ${times} × ${LABELS[peer]}`,
    found,
    (value) => `${value.toFixed(2)} ×`,
    (value) => value >= times,
  );
}

function sooner(rows: readonly Row[], peer: EngineName): Bar {
  const found = ratio(rowFor(rows, 'lone', 'mainstay')?.value.median, rowFor(rows, 'lone', peer)?.value.median);
  return bar(
    'lone',
    `p50 ≤ ${LONE_RATIO} × ${LABELS[peer]}`,
    found,
    (value) => `${value.toFixed(2)} ×`,
    (value) => value <= LONE_RATIO,
  );
}

function recoveryBars(rows: readonly Row[], workloads: readonly Workload[]): readonly Bar[] {
  const ours = rowFor(rows, 'recovery', 'mainstay');
  const fastest = Math.min(...RECOVERY_PEERS.flatMap((peer) => rowFor(rows, 'recovery', peer)?.value.median ?? []));
  const late = ours === undefined || fastest === Infinity ? undefined : ours.value.median - fastest;
  const steps = workloads.filter(({ name }) => name === 'recovery').reduce((sum, { runs, stepsPerRun }) => sum + runs * stepsPerRun, 0);
  const allowed = Math.floor(steps * REPEATED_SHARE);
  return [
    bar('recovery', 'no run lost', ours?.recovery?.lostRuns, String, (value) => value === 0),
    bar(
      'recovery',
      `done ≤ ${RECOVERY_SLACK_MS} ms after the fastest peer`,
      late,
      (value) => `${value.toFixed(0)} ms after`,
      (value) => value <= RECOVERY_SLACK_MS,
    ),
    bar('recovery', `≤ ${allowed} of ${steps} steps repeated`, ours?.recovery?.repeated, String, (value) => value <= allowed),
  ];
}

function peak(rows: readonly Row[]): Bar {
  const bytes = rowFor(rows, 'chain', 'mainstay')?.peakBytes?.['orchestrator'];
  return bar(
    'chain',
    `peak memory of the orchestrator ≤ ${PEAK_MIB} MiB`,
    bytes,
    (value) => `${(value / MIB).toFixed(0)} MiB`,
    (value) => value <= PEAK_MIB * MIB,
  );
}

function bar(
  workload: WorkloadName,
  demand: string,
  value: number | undefined,
  show: (value: number) => string,
  holds: (value: number) => boolean,
): Bar {
  if (value === undefined) return { workload, demand, measured: undefined, kept: undefined };
  return { workload, demand, measured: show(value), kept: holds(value) };
}
