import { drive, type OpenEngine } from '../driver/drive.ts';
import type { Job } from '../driver/job.ts';
import type { Workload } from '../workloads.ts';
import { startCluster } from './cluster.ts';
import { definitionOf } from './definitions.ts';
import { EndedRuns } from './ended-runs.ts';

const ENDS = ['event: run.succeeded', 'event: run.failed', 'event: run.cancelled'];

/** Mainstay as its users run it: this process is the client, orchestrator and worker are others. */
async function open(job: Job): Promise<OpenEngine> {
  const cluster = await startCluster(job);
  const { client, orchestrator } = cluster;
  const ended = await EndedRuns.connect(job.databaseUrl);
  if (job.phase === 'start') cluster.keepWorker();
  const submit = async ({ name }: Workload): Promise<string> => {
    const { status, text } = await client.call('POST', '/api/v1/runs', JSON.stringify({ pipeline: name, input: {} }));
    if (status !== 202) throw new Error(`POST /api/v1/runs answered ${status}: ${text}`);
    return (JSON.parse(text) as { readonly id: string }).id;
  };
  return {
    worker: () => cluster.worker.pid,
    pids: { orchestrator: orchestrator.pid, worker: cluster.worker.pid },
    async prepare(workload) {
      const { status, text } = await client.call('PUT', `/api/v1/pipelines/${workload.name}`, JSON.stringify(definitionOf(workload)));
      if (status !== 201 && status !== 200) throw new Error(`PUT of the pipeline ${workload.name} answered ${status}: ${text}`);
    },
    async run(workload) {
      const run = await submit(workload);
      if (workload.inFlight > 1) return ended.succeeded(run);
      const end = await client.follow(`/api/v1/runs/${run}/events`, ENDS);
      if (end !== ENDS[0]) throw new Error(`The run ${run} ended with ${end}`);
    },
    async submit(workload) {
      await submit(workload);
    },
    finished: ({ name }) => ended.count(name),
    async close() {
      await ended.close();
      await cluster.close();
    },
  };
}

await drive(open);
