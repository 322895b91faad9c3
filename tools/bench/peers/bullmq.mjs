// BullMQ: one process adds the jobs and runs them; the job of a step adds the next one, a flow joins the fan.
import { FlowProducer, Queue, Worker } from 'bullmq';
import { setTimeout as delay } from 'node:timers/promises';
import { drive } from '../src/driver/drive.ts';
import { logStep } from '../src/driver/log-step.ts';
import { stepOutput } from '../src/step-output.ts';
import { FAN_WIDTH } from '../src/workloads.ts';

const QUEUE = 'steps';
const CONCURRENCY = 200;

await drive(async (job) => {
  const { hostname: host, port, password } = new URL(job.redisUrl);
  const connection = { host, port: Number(port), password, maxRetriesPerRequest: null };
  const queue = new Queue(QUEUE, { connection });
  const flow = new FlowProducer({ connection });
  const waiting = new Map();
  const add = (data) => queue.add('step', data, { jobId: `${data.id}-${data.number}` });
  const child = (data, number, previous) => ({
    name: 'step',
    queueName: QUEUE,
    data: { ...data, number, previous },
    opts: { jobId: `${data.id}-${number}` },
  });
  const worker = new Worker(
    QUEUE,
    async (task) => {
      const { id, number, shape, stepsPerRun, outputBytes, stepMs } = task.data;
      const last = number === stepsPerRun;
      if (shape === 'fan' && last) await task.getChildrenValues();
      if (stepMs > 0) {
        await delay(stepMs);
        logStep(job.stepLog, id, number);
      }
      const output = stepOutput(number, outputBytes);
      if (shape === 'chain' && !last) await add({ ...task.data, number: number + 1, previous: output });
      if (shape === 'fan' && number === 1)
        await flow.add({
          ...child(task.data, stepsPerRun),
          children: Array.from({ length: FAN_WIDTH }, (_, index) => child(task.data, index + 2, output)),
        });
      return output;
    },
    { connection, concurrency: CONCURRENCY },
  );
  worker.on('completed', ({ data: { id, number, stepsPerRun } }) => {
    if (number === stepsPerRun) waiting.get(id)?.();
  });
  worker.on('error', (error) => console.error(error));
  await worker.waitUntilReady();
  const start = ({ shape, stepsPerRun, outputBytes, stepMs }, id) => add({ id, number: 1, shape, stepsPerRun, outputBytes, stepMs });
  return {
    worker: () => process.pid,
    pids: {},
    prepare: async () => {},
    run: async (workload, id) => {
      await new Promise((resolve, reject) => {
        waiting.set(id, resolve);
        start(workload, id).catch(reject);
      });
      waiting.delete(id);
    },
    submit: async (workload, id) => {
      await start(workload, id);
    },
    finished: async ({ stepsPerRun }) => Math.floor((await queue.getCompletedCount()) / stepsPerRun),
    close: async () => {
      await worker.close(true);
      await Promise.all([queue.close(), flow.close()]);
    },
  };
});
