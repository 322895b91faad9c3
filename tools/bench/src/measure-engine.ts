import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Figures, Job } from './driver/job.ts';
import type { Engine } from './engines.ts';
import { type Recovery, recover } from './recover.ts';
import { runDriver } from './run-driver.ts';
import type { BenchServers } from './servers/bench-servers.ts';
import { startRestateServer } from './servers/restate-server.ts';
import type { Workload } from './workloads.ts';

export interface EngineOptions {
  readonly workloads: readonly Workload[];
  readonly round: number;
  readonly profileFolder: string | undefined;
  readonly onFigures: (figures: Figures | Recovery) => void;
}

/** All workloads on one engine, which begins with nothing each time: empty database, empty Redis, new processes. */
export async function measureEngine(engine: Engine, servers: BenchServers, options: EngineOptions): Promise<void> {
  const measured = options.workloads.filter(({ name }) => name !== 'recovery');
  const recovery = options.workloads.find(({ name }) => name === 'recovery');
  if (measured.length > 0)
    await withJob(engine, servers, options, async (job) => {
      const driver = await runDriver(engine, { ...job, workloads: [...measured] });
      try {
        for (const _workload of measured) options.onFigures(await driver.next('figures'));
        await driver.ended;
      } finally {
        await driver.end();
      }
    });
  if (recovery !== undefined)
    await withJob(engine, servers, { ...options, profileFolder: undefined }, async (job) => {
      options.onFigures(await recover(engine, job, recovery));
    });
}

async function withJob(engine: Engine, servers: BenchServers, options: EngineOptions, work: (job: Job) => Promise<void>): Promise<void> {
  const folder = join(servers.folder, `${engine.name}-${options.round}-${Date.now()}`);
  mkdirSync(folder, { recursive: true });
  const database = `bench_${engine.name.replaceAll('-', '_')}`;
  await servers.emptyRedis(engine.redis);
  const databaseUrl = await servers.freshDatabase(database);
  const restate = engine.name === 'restate' ? await startRestateServer(folder) : undefined;
  try {
    await work({
      phase: 'measure',
      workloads: [],
      databaseUrl,
      redisUrl: servers.redis[engine.redis].url,
      folder,
      stepLog: join(folder, 'steps.log'),
      watchedPids: {
        postgres: servers.postgres.pid,
        redis: servers.redis[engine.redis].pid,
        ...(restate === undefined ? {} : { restate: restate.process.pid }),
      },
      ...(restate === undefined ? {} : { restate: restate.addresses }),
      ...(options.profileFolder === undefined || engine.name !== 'mainstay' ? {} : { profileFolder: options.profileFolder }),
    });
  } finally {
    await restate?.process.end('SIGTERM');
    await servers.emptyRedis(engine.redis);
    await servers.dropDatabase(database);
  }
}
