// DBOS: one process starts the workflows and runs them, with its default settings.
import { DBOS } from '@dbos-inc/dbos-sdk';
import { setTimeout as delay } from 'node:timers/promises';
import { drive } from '../src/driver/drive.ts';
import { logStep } from '../src/driver/log-step.ts';
import { stepOutput } from '../src/step-output.ts';
import { FAN_WIDTH } from '../src/workloads.ts';

let stepLog = '';

/** One step, which gets what the steps before it returned. */
const step = (number, id, { outputBytes, stepMs }, _previous) =>
  DBOS.runStep(
    async () => {
      if (stepMs > 0) {
        await delay(stepMs);
        logStep(stepLog, id, number);
      }
      return stepOutput(number, outputBytes);
    },
    { name: `s${number}` },
  );

const chain = DBOS.registerWorkflow(
  async (id, workload) => {
    let previous;
    for (let number = 1; number <= workload.stepsPerRun; number++) previous = await step(number, id, workload, previous);
    return previous;
  },
  { name: 'chain' },
);

const fan = DBOS.registerWorkflow(
  async (id, workload) => {
    const first = await step(1, id, workload);
    const parts = await Promise.all(Array.from({ length: FAN_WIDTH }, (_, index) => step(index + 2, id, workload, first)));
    return step(FAN_WIDTH + 2, id, workload, parts);
  },
  { name: 'fan' },
);

await drive(async (job) => {
  stepLog = job.stepLog;
  DBOS.setConfig({
    name: 'bench',
    systemDatabaseUrl: job.databaseUrl,
    systemDatabasePoolSize: 20,
    logLevel: 'error',
    applicationVersion: 'v1',
    executorID: 'e1',
  });
  await DBOS.launch();
  const start = (workload, id) =>
    DBOS.startWorkflow(workload.shape === 'fan' ? fan : chain, { workflowID: id })(id, {
      stepsPerRun: workload.stepsPerRun,
      outputBytes: workload.outputBytes,
      stepMs: workload.stepMs,
    });
  return {
    worker: () => process.pid,
    pids: {},
    prepare: async () => {},
    run: async (workload, id) => {
      await (await start(workload, id)).getResult();
    },
    submit: async (workload, id) => {
      await start(workload, id);
    },
    finished: async () => (await DBOS.listWorkflows({ status: 'SUCCESS', loadInput: false, loadOutput: false })).length,
    close: () => DBOS.shutdown(),
  };
});
