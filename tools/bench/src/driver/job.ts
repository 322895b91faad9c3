import { z } from 'zod';
import { WORKLOAD_NAMES } from '../workloads.ts';

const workloadSchema = z.object({
  name: z.enum(WORKLOAD_NAMES),
  shape: z.enum(['chain', 'fan']),
  stepsPerRun: z.number(),
  runs: z.number(),
  inFlight: z.number(),
  warmUpRuns: z.number(),
  outputBytes: z.number(),
  stepMs: z.number(),
});

/** What a driver is told, as JSON in the variable {@link JOB_VARIABLE}. */
export const jobSchema = z.object({
  /** `measure`: all workloads in turn. `start`: hand in the recovery's runs, and be killed. `resume`: finish them. */
  phase: z.enum(['measure', 'start', 'resume']),
  workloads: z.array(workloadSchema),
  /** Of an empty database of one's own; the same one in `resume` as in `start`. */
  databaseUrl: z.string(),
  redisUrl: z.string(),
  /** For logs and data. */
  folder: z.string(),
  /** A line per finished step of the recovery, written beside the engine. */
  stepLog: z.string(),
  /** Processes whose use of CPU is told, with that of their children. */
  watchedPids: z.record(z.string(), z.number()),
  /** Where the engine's own server listens, and where it is to find the steps. */
  restate: z.object({ ingressUrl: z.string(), adminUrl: z.string(), servicePort: z.number() }).optional(),
  /** Folder for CPU profiles; only Mainstay's processes write some. */
  profileFolder: z.string().optional(),
});
export type Job = z.output<typeof jobSchema>;

export const JOB_VARIABLE = 'BENCH_JOB';

const commitsSchema = z.object({
  /** Messages of workers that were applied. */
  inputs: z.number(),
  /** Transactions that they were applied in. */
  commits: z.number(),
});
export type Commits = z.output<typeof commitsSchema>;

/** One workload, done once. */
export const figuresSchema = z.object({
  type: z.literal('figures'),
  workload: z.enum(WORKLOAD_NAMES),
  wallMs: z.number(),
  runsPerSecond: z.number(),
  stepsPerSecond: z.number(),
  p50Ms: z.number(),
  p95Ms: z.number(),
  p99Ms: z.number(),
  /** Cores that were busy, by process; `driver` is the client, and all of an engine that lives in one process. */
  cores: z.record(z.string(), z.number()),
  /** Greatest resident memory during the workload, by process; what the machine does not tell is missing. */
  peakBytes: z.record(z.string(), z.number()),
  /** What was committed during the workload, by engines that tell. */
  commits: commitsSchema.optional(),
});
export type Figures = z.output<typeof figuresSchema>;

/** What a driver says, a line of JSON each. */
export const messageSchema = z.discriminatedUnion('type', [
  figuresSchema,
  /** All runs of the recovery are handed in; `victim` is the process that runs the steps. */
  z.object({ type: z.literal('started'), victim: z.number() }),
  /** No more of them will end. */
  z.object({ type: z.literal('done'), finished: z.number() }),
]);
export type Message = z.output<typeof messageSchema>;
