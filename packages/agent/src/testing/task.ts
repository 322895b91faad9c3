import { type TaskMessage, uuidv7 } from '@mainstay/types';

/** A task for the agent, with made-up but valid surroundings. */
export function task(agent: string, input: TaskMessage['input'], more: Partial<TaskMessage> = {}): TaskMessage {
  const run = more.run ?? uuidv7();
  const stage = more.task ?? 'stage';
  return {
    v: 1,
    id: uuidv7(),
    tenant: 'tenant',
    run,
    task: stage,
    attempt: 1,
    fence: 1,
    correlationId: `c-${run}`,
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    type: 'task',
    agent,
    pipeline: 'pipeline',
    priority: 'normal',
    input,
    timeoutMs: 60_000,
    idempotencyKey: `${run}:${stage}`,
    answers: [],
    ...more,
  };
}
