import { commitsOf } from '../../mainstay/metrics.ts';
import { withPostgres } from '../../servers/with-postgres.ts';
import { CAPACITY } from '../../mainstay/cluster.ts';
import { CHAIN, measureLoad } from '../chain-load.ts';
import type { Part, Scene } from '../part.ts';
import { withSite } from '../site.ts';
import { growthReport, type GrowthFigures, type GrowthRound } from './growth-report.ts';
import { multiplyRuns, tableSizes } from './history.ts';
import { measurePurge } from './purge.ts';

interface Sizes {
  /** Finished runs of the long history, and those of them that really ran. */
  readonly historyRuns: number;
  readonly originals: number;
  readonly rounds: number;
  readonly warmUpRuns: number;
  readonly runs: number;
  readonly inFlight: number;
  /** Runs of one purge, and how many purges there are. */
  readonly purgeRuns: number;
  readonly purges: number;
}

const FULL: Sizes = {
  historyRuns: 200_000,
  originals: 2_000,
  rounds: 3,
  warmUpRuns: 2_000,
  runs: 3_000,
  inFlight: 200,
  purgeRuns: 1_000,
  purges: 5,
};
const QUICK: Sizes = {
  historyRuns: 4_000,
  originals: 200,
  rounds: 1,
  warmUpRuns: 50,
  runs: 300,
  inFlight: 100,
  purgeRuns: 200,
  purges: 2,
};
/** Less than finished runs are kept by default. */
const HISTORY_MS = 20 * 24 * 3_600_000;
const DATABASE = 'scale_growth_full';

/** The chain on an empty database beside the chain on one with a long history. */
export function growth(quick: boolean): Part {
  return {
    name: 'growth',
    title: 'the chain with an empty database and with a long history',
    limitMs: quick ? 180_000 : 1_800_000,
    async measure(scene) {
      const sizes = quick ? QUICK : FULL;
      const full = await scene.servers.freshDatabase(DATABASE);
      try {
        const figures = await measure(scene, sizes, full);
        return { figures, report: growthReport(figures) };
      } finally {
        await scene.servers.dropDatabase(DATABASE);
      }
    },
  };
}

async function measure(scene: Scene, sizes: Sizes, full: string): Promise<GrowthFigures> {
  const { onProgress, signal } = scene;
  onProgress(`${sizes.originals} runs to copy`);
  await onChain(scene, full, { warmUpRuns: 0, runs: sizes.originals, inFlight: sizes.inFlight });
  await multiplyRuns(full, { runs: sizes.historyRuns, spanMs: HISTORY_MS, signal, onProgress });
  const tables = await tableSizes(full);
  const rounds: GrowthRound[] = [];
  for (let round = 1; round <= sizes.rounds; round++) {
    const empty = await onChain(scene, undefined, sizes);
    onProgress(`round ${round}: empty ${empty.stepsPerSecond.toFixed(0)} steps/s`);
    const grown = await onChain(scene, full, sizes);
    onProgress(`round ${round}: with history ${grown.stepsPerSecond.toFixed(0)} steps/s`);
    rounds.push({ empty, grown });
  }
  const purgeMs = await withSite(scene, { name: 'purge', databaseUrl: full }, async ({ installation }) => {
    const { client } = await installation.startOrchestrator();
    return measurePurge(client, { runs: sizes.purgeRuns, times: sizes.purges, signal });
  });
  return { historyRuns: sizes.historyRuns, stepsPerRun: CHAIN.stepsPerRun, rounds, tables, purge: { runs: sizes.purgeRuns, ms: purgeMs } };
}

type ChainSizes = Pick<Sizes, 'warmUpRuns' | 'runs' | 'inFlight'>;

async function onChain(scene: Scene, databaseUrl: string | undefined, sizes: ChainSizes): Promise<GrowthRound['empty']> {
  if (databaseUrl !== undefined) await withPostgres(databaseUrl, (client) => client.query('checkpoint'));
  const options = { name: 'growth', ...(databaseUrl === undefined ? {} : { databaseUrl }) };
  return withSite(scene, options, async ({ installation, runsAt }) => {
    const orchestrator = await installation.startOrchestrator();
    await installation.startWorker(CAPACITY);
    const load = await measureLoad([await runsAt(orchestrator)], { pipeline: CHAIN, ...sizes });
    const committed = await commitsOf(orchestrator.client);
    return { stepsPerSecond: load.stepsPerSecond, ...(committed === undefined ? {} : { batchSize: committed.inputs / committed.commits }) };
  });
}
