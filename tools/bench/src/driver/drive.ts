import { setTimeout as delay } from 'node:timers/promises';
import { percentile } from '../statistics.ts';
import type { Workload } from '../workloads.ts';
import { type Commits, type Figures, type Job, JOB_VARIABLE, jobSchema, type Message } from './job.ts';
import { cpuMsOf, forgetPeak, peakBytesOf } from './process-use.ts';
import { runPool } from './run-pool.ts';

/** An engine that is up: the one thing that a driver has to provide. */
export interface OpenEngine {
  /** Process that runs the steps. */
  readonly worker: () => number;
  /** Further processes whose use of CPU and memory is told, by name. */
  readonly pids: Readonly<Record<string, number>>;
  /** Makes a workload known, before its first run. */
  prepare(workload: Workload): Promise<void>;
  /** Starts a run; resolves when its client knows that its last step is on disk. */
  run(workload: Workload, id: string): Promise<void>;
  /** Starts a run; resolves when the engine has it. */
  submit(workload: Workload, id: string): Promise<void>;
  /** How many of the submitted runs have ended. */
  finished(workload: Workload): Promise<number>;
  /** What it has committed since its start; for engines that tell. */
  commits?(): Promise<Commits | undefined>;
  close(): Promise<void>;
}

/** No engine needs longer for its recovery. */
const RECOVERY_LIMIT_MS = 150_000;
const LOOK_MS = 20;

/** The whole of a driver process: reads its job, opens the engine, does what the phase asks for, tells its figures. */
export async function drive(open: (job: Job) => Promise<OpenEngine>): Promise<void> {
  const job = jobSchema.parse(JSON.parse(process.env[JOB_VARIABLE] ?? 'null'));
  const engine = await open(job);
  if (job.phase === 'measure') for (const workload of job.workloads) say(await measure(engine, workload, job.watchedPids));
  else for (const workload of job.workloads) await recover(engine, workload, job.phase);
  await engine.close();
  process.exit(0);
}

async function measure(engine: OpenEngine, workload: Workload, watched: Readonly<Record<string, number>>): Promise<Figures> {
  const pids = { driver: process.pid, ...engine.pids, ...watched };
  const named = Object.values(pids);
  await engine.prepare(workload);
  await runPool(workload.warmUpRuns, workload.inFlight, (index) => engine.run(workload, `${workload.name}-warm-${index}`));
  for (const pid of named) forgetPeak(pid);
  const committed = await engine.commits?.();
  const before = each(pids, (pid) => cpuMsOf(pid, named));
  const { wallMs, latenciesMs } = await runPool(workload.runs, workload.inFlight, (index) =>
    engine.run(workload, `${workload.name}-${index}`),
  );
  const after = each(pids, (pid) => cpuMsOf(pid, named));
  const commits = difference(committed, await engine.commits?.());
  const seconds = wallMs / 1_000;
  return {
    type: 'figures',
    workload: workload.name,
    wallMs,
    runsPerSecond: workload.runs / seconds,
    stepsPerSecond: (workload.runs * workload.stepsPerRun) / seconds,
    p50Ms: percentile(latenciesMs, 50) ?? 0,
    p95Ms: percentile(latenciesMs, 95) ?? 0,
    p99Ms: percentile(latenciesMs, 99) ?? 0,
    cores: Object.fromEntries(Object.entries(after).map(([name, cpuMs]) => [name, (cpuMs - (before[name] ?? cpuMs)) / wallMs])),
    peakBytes: each(pids, peakBytesOf),
    ...(commits === undefined ? {} : { commits }),
  };
}

function difference(before: Commits | undefined, after: Commits | undefined): Commits | undefined {
  if (before === undefined || after === undefined) return undefined;
  return { inputs: after.inputs - before.inputs, commits: after.commits - before.commits };
}

function each(pids: Readonly<Record<string, number>>, figure: (pid: number) => number | undefined): Record<string, number> {
  return Object.fromEntries(
    Object.entries(pids).flatMap(([name, pid]) => {
      const value = figure(pid);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

async function recover(engine: OpenEngine, workload: Workload, phase: 'start' | 'resume'): Promise<void> {
  if (phase === 'start') {
    await engine.prepare(workload);
    await Promise.all(Array.from({ length: workload.runs }, (_, index) => engine.submit(workload, `r${index}`)));
    say({ type: 'started', victim: engine.worker() });
  }
  const end = performance.now() + RECOVERY_LIMIT_MS;
  let finished = await engine.finished(workload);
  while (finished < workload.runs && performance.now() < end) {
    await delay(LOOK_MS);
    finished = await engine.finished(workload);
  }
  say({ type: 'done', finished });
}

function say(message: Message): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
