import { drive, type OpenEngine } from '../driver/drive.ts';
import type { Job } from '../driver/job.ts';
import { startCluster } from './cluster.ts';
import { definitionOf } from './definitions.ts';
import { commitsOf } from './metrics.ts';
import { openRuns } from './runs.ts';

/** Mainstay as its users run it: this process is the client, orchestrator and worker are others. */
async function open(job: Job): Promise<OpenEngine> {
  const cluster = await startCluster(job);
  const { client, program } = cluster;
  const runs = await openRuns({ ...cluster, databaseUrl: job.databaseUrl });
  if (job.phase === 'start') cluster.keepWorker();
  return {
    worker: () => cluster.worker.pid,
    pids: { orchestrator: program.pid, worker: cluster.worker.pid },
    prepare: (workload) => runs.define(definitionOf(workload)),
    run: ({ name }) => runs.run(name),
    async submit({ name }) {
      await runs.submit(name);
    },
    finished: ({ name }) => runs.succeeded(name),
    commits: () => commitsOf(client),
    async close() {
      await runs.close();
      await cluster.close();
    },
  };
}

await drive(open);
