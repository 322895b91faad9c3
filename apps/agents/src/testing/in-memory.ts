import { type BaseAgent, createWorker } from '@mainstay/agent';
import { createMemoryHub } from '@mainstay/transport';
import type { ResultMessage, TaskMessage } from '@mainstay/types';
import { TestOrchestrator } from './orchestrator.ts';
import { task } from './task.ts';

const nothing = () => undefined;
const logger = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => logger };

/** Runs one task through a worker in this process. `whileRunning` may act on the worker before the result is waited for. */
export async function runTask(
  agent: BaseAgent,
  input: TaskMessage['input'],
  more: Partial<TaskMessage> = {},
  whileRunning: (scene: { readonly orchestrator: TestOrchestrator; readonly drain: () => Promise<void> }) => Promise<void> = () =>
    Promise.resolve(),
): Promise<ResultMessage> {
  const hub = createMemoryHub();
  const orchestrator = new TestOrchestrator(hub.connect({ name: 'orchestrator', side: 'orchestrator' }));
  const transport = hub.connect({ name: 'worker', side: 'worker' });
  await orchestrator.transport.start();
  await transport.start();
  const worker = createWorker({ transport, agents: [agent], logger });
  await worker.start();
  try {
    const message = task(agent.kind, input, more);
    await orchestrator.send(message);
    await whileRunning({ orchestrator, drain: () => worker.drain() });
    return await orchestrator.resultOf(message);
  } finally {
    await worker.stop();
    await transport.close();
    await orchestrator.transport.close();
  }
}
