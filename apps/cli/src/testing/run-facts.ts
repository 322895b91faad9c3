import { type RunEvent, type RunView, runView } from '../client/views.ts';

const START = Date.parse('2030-01-01T00:00:00.000Z');

/** An event `seq` seconds into the run. */
export function event(seq: number, type: string, task?: string, data?: Record<string, unknown>): RunEvent {
  return {
    seq,
    at: new Date(START + seq * 1_000).toISOString(),
    type,
    ...(task === undefined ? {} : { task }),
    ...(data === undefined ? {} : { data }),
  };
}

export function run(status: string, more: Record<string, unknown> = {}): RunView {
  return runView.parse({
    id: 'run-1',
    pipeline: 'demo',
    version: 1,
    status,
    input: {},
    tasks: ['one', 'two'].map((stage) => ({ stage, agent: 'noop', status: 'pending', attempt: 0 })),
    decisions: [],
    createdAt: new Date(START).toISOString(),
    ...more,
  });
}
