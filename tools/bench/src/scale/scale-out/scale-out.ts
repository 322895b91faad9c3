import type { PipelineShape } from '../../mainstay/definitions.ts';
import { CAPACITY } from '../../mainstay/cluster.ts';
import type { OrchestratorProcess } from '../../mainstay/installation.ts';
import { commitsOf } from '../../mainstay/metrics.ts';
import { CHAIN, measureLoad } from '../chain-load.ts';
import type { Part, Scene } from '../part.ts';
import { withSite } from '../site.ts';
import { measureKill } from './kill.ts';
import { type KillFigures, type OrchestratorsRound, scaleOutReport, type WorkersRound } from './scale-out-report.ts';

interface Sizes {
  /** Runs of waiting steps, per worker. */
  readonly runsPerWorker: number;
  readonly rounds: number;
  /** Per orchestrator: each has code to compile. */
  readonly warmUpRuns: number;
  readonly chainRuns: number;
  readonly killRuns: number;
}

const FULL: Sizes = { runsPerWorker: 800, rounds: 3, warmUpRuns: 2_000, chainRuns: 3_000, killRuns: 1_000 };
const QUICK: Sizes = { runsPerWorker: 80, rounds: 1, warmUpRuns: 50, chainRuns: 300, killRuns: 200 };

const MAX_WORKERS = 4;
/** Tasks that one worker does at once here. */
const WORKER_CAPACITY = 20;
/** As many with one orchestrator as with two: what they cost is not to be compared. */
const CLIENTS = 2;
const WAITING: PipelineShape = { ...CHAIN, name: 'waiting', stepMs: 50 };

/** More workers, and another orchestrator. */
export function scaleOut(quick: boolean): Part {
  return {
    name: 'scale-out',
    title: 'one to four workers, one and two orchestrators',
    limitMs: quick ? 180_000 : 900_000,
    async measure(scene) {
      const sizes = quick ? QUICK : FULL;
      const workers = await measureWorkers(scene, sizes);
      const orchestrators: OrchestratorsRound[] = [];
      for (let round = 1; round <= sizes.rounds; round++) orchestrators.push(await measureOrchestrators(scene, sizes, round));
      const kills: KillFigures[] = [];
      for (const victim of ['first', 'second'] as const)
        kills.push(await measureKill(scene, { victim, runs: sizes.killRuns, pipeline: WAITING }));
      const figures = { capacity: WORKER_CAPACITY, stepMs: WAITING.stepMs, workers, orchestrators, kills };
      return { figures, report: scaleOutReport(figures) };
    },
  };
}

async function measureWorkers(scene: Scene, { runsPerWorker }: Sizes): Promise<readonly WorkersRound[]> {
  return withSite(scene, { name: 'workers' }, async ({ installation, runsAt }) => {
    const orchestrator = await installation.startOrchestrator();
    const runs = await runsAt(orchestrator);
    const rounds: WorkersRound[] = [];
    for (let workers = 1; workers <= MAX_WORKERS; workers++) {
      await installation.startWorker(WORKER_CAPACITY);
      const { stepsPerSecond } = await measureLoad([runs], {
        pipeline: WAITING,
        warmUpRuns: workers * WORKER_CAPACITY,
        runs: workers * runsPerWorker,
        inFlight: 2 * workers * WORKER_CAPACITY,
      });
      scene.onProgress(`${workers} workers: ${stepsPerSecond.toFixed(0)} steps/s`);
      rounds.push({ workers, stepsPerSecond });
    }
    return rounds;
  });
}

async function measureOrchestrators(scene: Scene, sizes: Sizes, round: number): Promise<OrchestratorsRound> {
  const one = await measureChain(scene, sizes, 1);
  const two = await measureChain(scene, sizes, 2);
  scene.onProgress(`round ${round}: one orchestrator ${one.stepsPerSecond.toFixed(0)} steps/s, two ${two.stepsPerSecond.toFixed(0)}`);
  return { one: one.stepsPerSecond, two: two.stepsPerSecond, applied: two.applied };
}

interface ChainResult {
  readonly stepsPerSecond: number;
  readonly applied: readonly number[];
}

/** Dealt out in turn. */
function nth<T>(items: readonly T[], index: number): T {
  const item = items[index % items.length];
  if (item === undefined) throw new Error('There is nothing to deal out');
  return item;
}

async function measureChain(scene: Scene, { warmUpRuns, chainRuns }: Sizes, orchestrators: number): Promise<ChainResult> {
  return withSite(scene, { name: 'orchestrators' }, async ({ installation, runsAt }) => {
    const started: OrchestratorProcess[] = [];
    for (let index = 0; index < orchestrators; index++) started.push(await installation.startOrchestrator());
    await installation.startWorker(CAPACITY);
    const clients = await Promise.all(Array.from({ length: CLIENTS }, (_, index) => runsAt(nth(started, index))));
    const load = { pipeline: CHAIN, warmUpRuns: warmUpRuns * orchestrators, runs: chainRuns, inFlight: CAPACITY };
    const { stepsPerSecond } = await measureLoad(clients, load);
    const commits = await Promise.all(started.map(({ client }) => commitsOf(client)));
    return { stepsPerSecond, applied: commits.flatMap((one) => one?.inputs ?? []) };
  });
}
