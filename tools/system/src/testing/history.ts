import { System } from '../system.ts';

/** Runs of every kind, by name. */
export type RunNames =
  'chain' | 'template' | 'repeated' | 'died' | 'redriven' | 'asking' | 'cancelled' | 'active' | 'queued' | 'paused' | 'keyed' | 'saved';

export interface History {
  readonly system: System;
  readonly runs: Readonly<Record<RunNames, string>>;
  /** Ends the worker, which hands back what it has, then the orchestrator. What was under way in the paused run is ready, with a checkpoint. */
  stop(): Promise<void>;
}

const quick = { maxAttempts: 3, baseMs: 1, maxMs: 1 };
const PIPELINES = [
  {
    name: 'chain',
    stages: [
      { id: 'a', agent: 'noop' },
      { id: 'b', agent: 'noop', needs: ['a'] },
      { id: 'c', agent: 'echo-context', needs: ['b'] },
    ],
  },
  { name: 'template', output: { sum: '${stages.a.output}' }, stages: [{ id: 'a', agent: 'noop' }] },
  { name: 'repeated', stages: [{ id: 'a', agent: 'fail', retry: quick, input: { times: 2 } }] },
  {
    name: 'dying',
    stages: [
      { id: 'a', agent: 'fail', retry: { maxAttempts: 1 }, input: { times: 1 } },
      { id: 'b', agent: 'noop', needs: ['a'] },
    ],
  },
  { name: 'asking', stages: [{ id: 'a', agent: 'ask', input: { question: 'Go on?' } }] },
  {
    name: 'long',
    stages: [
      { id: 'a', agent: 'noop' },
      { id: 'b', agent: 'sleep', needs: ['a'], input: { ms: 600_000, stepMs: 50 } },
    ],
  },
  { name: 'limited', concurrency: 1, stages: [{ id: 'a', agent: 'sleep', input: { ms: 600_000, stepMs: 50 } }] },
];

/** A system that has worked: an orchestrator and a worker that have brought runs into many states. */
export async function makeHistory(): Promise<History> {
  const system = await System.start();
  try {
    return await work(system);
  } catch (error) {
    await system.close();
    throw error;
  }
}

async function work(system: System): Promise<History> {
  const { process: orchestrator, api } = await system.orchestrator();
  const worker = await system.worker(api, { MAINSTAY_WORKER_KINDS: 'noop,echo-context,fail,sleep,ask' });
  for (const pipeline of PIPELINES) await api.put(pipeline);
  const chain = await api.submit('chain', { n: 1 });
  const template = await api.submit('template', { n: 2 });
  const repeated = await api.submit('repeated');
  const died = await api.submit('dying');
  const redriven = await api.submit('dying');
  const asking = await api.submit('asking');
  const [cancelled, paused, saved] = [await api.submit('long'), await api.submit('long'), await api.submit('long')];
  const active = await api.submit('limited');
  const queued = await api.submit('limited');
  const keyed = (await api.json<{ id: string }>('POST', '/api/v1/runs', { pipeline: 'chain', input: {} }, { 'idempotency-key': 'once' }))
    .id;
  for (const run of [chain, template, repeated, died, redriven, keyed]) await api.ended(run);
  await api.json('POST', `/api/v1/runs/${redriven}/retry`, {});
  await api.until(redriven, ({ status }) => status === 'succeeded');
  await api.until(asking, ({ status }) => status === 'waiting');
  await api.json('POST', `/api/v1/runs/${cancelled}/cancel`, {});
  for (const run of [saved, paused]) {
    await api.until(run, ({ tasks }) => tasks.some(({ stage, status }) => stage === 'b' && status === 'running'));
  }
  await api.json('POST', `/api/v1/runs/${paused}/pause`, {});
  await api.until(active, ({ tasks }) => tasks.some(({ status }) => status === 'running'));
  return {
    system,
    runs: { chain, template, repeated, died, redriven, asking, cancelled, active, queued, paused, keyed, saved },
    async stop() {
      await worker.end('SIGTERM');
      await orchestrator.end('SIGTERM');
    },
  };
}
