// Restate: its server is a process of its own; this one serves the steps over HTTP/2 and calls the ingress.
import * as restate from '@restatedev/restate-sdk';
import * as clients from '@restatedev/restate-sdk-clients';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { drive } from '../src/driver/drive.ts';
import { logStep } from '../src/driver/log-step.ts';
import { stepOutput } from '../src/step-output.ts';
import { FAN_WIDTH } from '../src/workloads.ts';

const SERVICE = 'bench';
let stepLog = '';

/** One step, which gets what the steps before it returned. */
const step = (context, number, { id, outputBytes, stepMs }, _previous) =>
  context.run(`s${number}`, async () => {
    if (stepMs > 0) {
      await delay(stepMs);
      logStep(stepLog, id, number);
    }
    return stepOutput(number, outputBytes);
  });

const service = restate.service({
  name: SERVICE,
  handlers: {
    chain: async (context, workload) => {
      let previous;
      for (let number = 1; number <= workload.stepsPerRun; number++) previous = await step(context, number, workload, previous);
      return previous;
    },
    fan: async (context, workload) => {
      const first = await step(context, 1, workload);
      const parts = await restate.RestatePromise.all(
        Array.from({ length: FAN_WIDTH }, (_, index) => step(context, index + 2, workload, first)),
      );
      return step(context, FAN_WIDTH + 2, workload, parts);
    },
  },
});

await drive(async (job) => {
  stepLog = job.stepLog;
  const { ingressUrl, adminUrl, servicePort } = job.restate;
  await restate.serve({ services: [service], port: servicePort, logger: () => {} });
  if (job.phase !== 'resume') {
    const response = await fetch(`${adminUrl}/deployments`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ uri: `http://127.0.0.1:${servicePort}` }),
    });
    if (!response.ok) throw new Error(`Restate refused the deployment: ${response.status} ${await response.text()}`);
  }
  const ingress = clients.connect({ url: ingressUrl });
  const client = ingress.serviceClient({ name: SERVICE });
  const sender = ingress.serviceSendClient({ name: SERVICE });
  const inputOf = ({ stepsPerRun, outputBytes, stepMs }, id) => ({ id, stepsPerRun, outputBytes, stepMs });
  if (job.phase !== 'resume') await firstCall(() => client.chain(inputOf({ stepsPerRun: 1, outputBytes: 200, stepMs: 0 }, 'probe')));
  return {
    worker: () => process.pid,
    pids: {},
    prepare: async () => {},
    run: (workload, id) => client[workload.shape](inputOf(workload, id)),
    submit: (workload, id) => sender[workload.shape](inputOf(workload, id)),
    // By the last steps that were done: Restate's answer for a run that was only sent would need a call each.
    finished: async ({ stepsPerRun }) => lastSteps(stepsPerRun),
    close: async () => {},
  };
});

function lastSteps(number) {
  const lines = existsSync(stepLog) ? readFileSync(stepLog, 'utf8').split('\n') : [];
  return new Set(lines.filter((line) => line.endsWith(` ${number}`))).size;
}

/** The ingress learns of a deployment a little later than the admin interface. */
async function firstCall(call) {
  for (let tries = 1; ; tries++) {
    try {
      return await call();
    } catch (error) {
      if (tries === 100) throw error;
      await delay(100);
    }
  }
}
