import { join } from 'node:path';
import { runPool } from '../driver/run-pool.ts';
import { CHAIN } from '../scale/chain-load.ts';
import type { BenchServers } from '../servers/bench-servers.ts';
import { type Arm, type ArmName, type ArmSpec, startArm } from './arm.ts';
import { measureSlice, type Slice, type SliceLoad } from './slice.ts';

export interface PairPlan {
  readonly specs: Readonly<Record<ArmName, ArmSpec>>;
  /** Times that both arms get new processes: what V8 makes of one start is not what it makes of another. */
  readonly generations: number;
  /** Of each arm in a generation. */
  readonly slices: number;
  readonly load: SliceLoad;
  /** Of each arm in a generation, before the first slice. */
  readonly warmUpRuns: number;
  /** No slice begins later than so long after the start; a generation that was begun is told as far as it came. */
  readonly limitMs: number;
}

/** One pair of arms: its slices in the order in which they were done, and what each arm held at the end, after a collection of garbage. */
export interface Generation {
  readonly slices: readonly Slice[];
  readonly heldBytes: Readonly<Record<ArmName, number>>;
}

export interface PairOptions {
  readonly servers: BenchServers;
  /** For CPU profiles: see `child-program.ts`. */
  readonly profileFolder: string | undefined;
  readonly onProgress: (line: string) => void;
}

/** Both arms are there all the time and work in turn, so that whatever else the machine does meets both alike. */
export async function measurePair(plan: PairPlan, { servers, profileFolder, onProgress }: PairOptions): Promise<readonly Generation[]> {
  const until = performance.now() + plan.limitMs;
  const generations: Generation[] = [];
  for (let number = 1; number <= plan.generations && performance.now() < until; number++) {
    onProgress(`processes ${number} of ${plan.generations}`);
    await servers.emptyRedis('everysec');
    const measured = await generation(plan, servers, { number, until, profileFolder, onProgress });
    if (measured.slices.length > 0) generations.push(measured);
  }
  return generations;
}

interface Turn {
  readonly number: number;
  readonly until: number;
  readonly profileFolder: string | undefined;
  readonly onProgress: (line: string) => void;
}

async function generation(plan: PairPlan, servers: BenchServers, { number, until, profileFolder, onProgress }: Turn): Promise<Generation> {
  const folder = join(servers.folder, `pair-${number}`);
  const order: readonly ArmName[] = number % 2 === 0 ? ['on', 'off'] : ['off', 'on'];
  const shared = { postgres: servers.postgres.pid, redis: servers.redis.everysec.pid };
  const arms: Arm[] = [];
  const slices: Slice[] = [];
  const heldBytes = { off: 0, on: 0 };
  try {
    for (const name of order)
      arms.push(
        await startArm(name, plan.specs[name], servers, { folder, profileFolder: profileFolder && join(profileFolder, String(number)) }),
      );
    for (const arm of arms) await warmUp(arm, plan);
    for (let pair = 0; pair < plan.slices && performance.now() < until; pair++) {
      // off on, on off, off on: a trend meets both alike
      for (const arm of pair % 2 === 0 ? arms : arms.toReversed()) slices.push(await measureSlice(arm, plan.load, shared));
      onProgress(`  ${slices.slice(-2).map(lineOf).join('   ')}`);
    }
    for (const arm of arms) heldBytes[arm.name] = await arm.heldBytes();
  } finally {
    await Promise.all(arms.map((arm) => arm.close()));
  }
  return { slices, heldBytes };
}

/**
 * Of what is done for sampled runs only, a tenth is done in a measured run: V8 would compile it ten times later than the rest, in the middle
 * of what is measured. So most runs of the warm-up are sampled, in both arms alike.
 */
async function warmUp({ runs }: Arm, { warmUpRuns, load }: PairPlan): Promise<void> {
  await runPool(warmUpRuns, load.inFlight, () => runs.runTraced(CHAIN.name));
  await runPool(Math.ceil(warmUpRuns / 3), load.inFlight, () => runs.run(CHAIN.name));
}

function lineOf({ arm, stepsPerSecond, cpuMicros }: Slice): string {
  const all = Object.values(cpuMicros).reduce((sum, value) => sum + value, 0);
  return `${arm}: ${stepsPerSecond.toFixed(0)} steps/s, ${all.toFixed(0)} µs`;
}
