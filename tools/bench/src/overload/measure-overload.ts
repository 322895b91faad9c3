import { setTimeout as delay } from 'node:timers/promises';
import { forgetPeak, peakBytesOf, residentBytesOf } from '../driver/process-use.ts';
import { runPool } from '../driver/run-pool.ts';
import { CAPACITY } from '../mainstay/cluster.ts';
import { definitionOf, type PipelineShape } from '../mainstay/definitions.ts';
import type { Runs } from '../mainstay/runs.ts';
import { CHAIN } from '../scale/chain-load.ts';
import type { Site } from '../scale/site.ts';
import { generate, type GeneratorCounts } from './generate.ts';
import { type LagFigures, withLag } from './loop-lag.ts';
import type { OverloadFigures, OverloadSecond } from './overload-figures.ts';
import { probe, type ProbeFigures } from './probe.ts';
import { type StepFigures, stepFigures } from './step-times.ts';

export interface OverloadPlan {
  readonly factor: number;
  /** Runs in one request. */
  readonly batch: number;
  readonly seconds: number;
  /** In which the sustainable load is measured, for each number of runs in flight. */
  readonly peakSeconds: number;
  /** In which the latency without load is measured. */
  readonly calmSeconds: number;
  readonly warmUpRuns: number;
}

/** The limit of the profile `production`; its other limits are for machines of which the process has a share. */
const MEMORY_LIMIT_BYTES = 1_073_741_824;
const WORK: PipelineShape = { ...CHAIN, name: 'work', stepMs: 50 };
const NOOP: PipelineShape = { ...CHAIN, name: 'noop' };
const HIGH = 10;
const PROBES_PER_SECOND = 10;
/** As many runs unfinished as the worker has places: what this does is the load that is sustained. */
const IN_FLIGHT = CAPACITY;
/** More at once is done faster, up to a point, for each waits longer and travels in larger company. */
const MANY_IN_FLIGHT = 4 * CAPACITY;
const CONNECTIONS = 64;
const DRAIN_LIMIT_MS = 90_000;

/** First what it can do, then far more than that. */
export async function measureOverload(site: Site, plan: OverloadPlan, onProgress: (line: string) => void): Promise<OverloadFigures> {
  const orchestrator = await site.installation.startOrchestrator({ MAINSTAY_MEMORY_LIMIT: '1024mb' });
  const worker = await site.installation.startWorker(CAPACITY, { MAINSTAY_MEMORY_LIMIT: '1024mb' });
  const runs = await site.runsAt(orchestrator);
  for (const pipeline of [CHAIN, WORK, NOOP]) await runs.define(definitionOf(pipeline));
  await runPool(plan.warmUpRuns, IN_FLIGHT, () => runs.run(CHAIN.name));
  const peakPerSecond = await sustainable(runs, plan.peakSeconds, IN_FLIGHT);
  const most = { inFlight: MANY_IN_FLIGHT, perSecond: await sustainable(runs, plan.peakSeconds, MANY_IN_FLIGHT) };
  onProgress(`sustainable: ${peakPerSecond.toFixed(0)} runs/s`);
  const unloaded = await probes(runs, plan.calmSeconds);
  onProgress(`high priority, unloaded: p99 ${unloaded.work.p99Ms.toFixed(0)} ms, of no-ops ${unloaded.noop.p99Ms.toFixed(0)} ms`);
  const pids = { orchestrator: orchestrator.program.pid, worker: worker.pid };
  for (const pid of Object.values(pids)) forgetPeak(pid);

  const before = await runs.succeeded(CHAIN.name);
  const bySecond: OverloadSecond[] = [];
  const job = {
    port: Number(new URL(orchestrator.url).port),
    authorization: `Bearer ${site.installation.adminKey}`,
    body: bodyOf(plan.batch),
    batch: plan.batch,
    perSecond: Math.round(plan.factor * peakPerSecond),
    seconds: plan.seconds,
    connections: CONNECTIONS,
  };
  const onCounts = ({ accepted, refused }: GeneratorCounts): void => {
    const orchestratorBytes = residentBytesOf(pids.orchestrator) ?? 0;
    void runs.succeeded(CHAIN.name).then((count) => bySecond.push({ accepted, refused, succeeded: count - before, orchestratorBytes }));
  };
  const meanwhile = delay(plan.seconds * 1_000).then(() => runs.succeeded(CHAIN.name));
  const flooded = generate(job, site.folder, onCounts);
  const [counts, doneAtEnd, high] = await Promise.all([flooded, meanwhile, probes(runs, plan.seconds)]);
  onProgress(`offered ${counts.offered}, accepted ${counts.accepted}, refused ${counts.refused}`);
  const begunToDrain = performance.now();
  const succeeded = await drained(runs, before + counts.accepted);
  return {
    ...{ peakPerSecond, most },
    ...{ factor: plan.factor, seconds: plan.seconds, counts, bySecond },
    doneMeanwhile: doneAtEnd - before,
    drainMs: performance.now() - begunToDrain,
    succeeded: succeeded - before,
    work: { unloaded: unloaded.work, flooded: high.work },
    noop: { unloaded: unloaded.noop, flooded: high.noop },
    steps: { unloaded: unloaded.steps, flooded: high.steps },
    ownLag: { unloaded: unloaded.lag, flooded: high.lag },
    memoryLimitBytes: MEMORY_LIMIT_BYTES,
    peakBytes: { orchestrator: peakBytesOf(pids.orchestrator) ?? 0, worker: peakBytesOf(pids.worker) ?? 0 },
  };
}

/** Runs per second of a client that keeps so many of them unfinished. */
async function sustainable(runs: Runs, seconds: number, inFlight: number): Promise<number> {
  const until = performance.now() + seconds * 1_000;
  const begun = performance.now();
  let done = 0;
  const client = async (): Promise<void> => {
    while (performance.now() < until) {
      await runs.run(CHAIN.name);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, client));
  return (done * 1_000) / (performance.now() - begun);
}

interface Probed {
  readonly work: ProbeFigures;
  readonly noop: ProbeFigures;
  readonly steps: StepFigures;
  readonly lag: LagFigures;
}

async function probes(runs: Runs, seconds: number): Promise<Probed> {
  const since = Date.now();
  const of = (pipeline: PipelineShape): Promise<ProbeFigures> =>
    probe(runs, { pipeline: pipeline.name, priority: HIGH, perSecond: PROBES_PER_SECOND, seconds });
  const { value, lag } = await withLag(() => Promise.all([of(WORK), of(NOOP)]));
  const steps = stepFigures(await runs.times(WORK.name, since), WORK.stepMs);
  return { work: value[0], noop: value[1], steps, lag };
}

/** Waits until so many have succeeded, for a while; how many have. */
async function drained(runs: Runs, wanted: number): Promise<number> {
  const until = performance.now() + DRAIN_LIMIT_MS;
  let succeeded = await runs.succeeded(CHAIN.name);
  while (succeeded < wanted && performance.now() < until) {
    await delay(250);
    succeeded = await runs.succeeded(CHAIN.name);
  }
  return succeeded;
}

function bodyOf(batch: number): string {
  const run = { pipeline: CHAIN.name, input: {} };
  return JSON.stringify(batch === 1 ? run : { runs: Array.from({ length: batch }, () => run) });
}
