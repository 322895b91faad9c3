import type { ControlMessage, ReportMessage, ResultMessage, TaskMessage } from '@mainstay/types';

let made = 0;
const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

/** A valid task; every one has another id. */
export function taskMessage(overrides: Partial<TaskMessage> = {}): TaskMessage {
  made += 1;
  return {
    v: 1,
    type: 'task',
    id: `task-${String(made)}`,
    tenant: 'acme',
    run: 'run-1',
    task: 'draft',
    attempt: 1,
    fence: 1,
    correlationId: 'corr-1',
    traceparent,
    agent: 'writer',
    pipeline: 'report',
    priority: 'normal',
    input: { topic: 'tides' },
    timeoutMs: 1_000,
    idempotencyKey: 'run-1:draft',
    answers: [],
    ...overrides,
  };
}

/** A valid result; every one has another id. */
export function resultMessage(overrides: Partial<ResultMessage> = {}): ResultMessage {
  made += 1;
  return {
    v: 1,
    type: 'result',
    id: `result-${String(made)}`,
    tenant: 'acme',
    run: 'run-1',
    task: 'draft',
    attempt: 1,
    fence: 1,
    correlationId: 'corr-1',
    traceparent,
    worker: 'worker-1',
    startedAt: 1,
    finishedAt: 2,
    outcome: { status: 'succeeded', output: { text: 'high and low' } },
    ...overrides,
  };
}

/** A valid report; every one has another id. */
export function reportMessage(overrides: Partial<ReportMessage> = {}): ReportMessage {
  made += 1;
  return {
    v: 1,
    type: 'report',
    id: `report-${String(made)}`,
    tenant: 'acme',
    run: 'run-1',
    task: 'draft',
    attempt: 1,
    fence: 1,
    correlationId: 'corr-1',
    traceparent,
    worker: 'worker-1',
    startedAt: 1,
    events: [],
    ...overrides,
  };
}

/** A control message without a purpose of its own. */
export function helloMessage(from: string): ControlMessage {
  return { v: 1, type: 'hello', from };
}
