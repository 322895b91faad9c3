import { afterEach, describe, expect, test } from '@jest/globals';
import { createMetrics, type Metrics } from '@mainstay/observability';
import type { Change, RunState, RunStatus, TaskState, TaskStatus } from '../pipeline/model.ts';
import { engineMetrics } from './engine-metrics.ts';

const made: Metrics[] = [];
afterEach(() => {
  for (const metrics of made.splice(0)) metrics.close();
});

function scene() {
  const metrics = createMetrics({ service: 'test', processMetrics: false });
  made.push(metrics);
  return { metrics, engine: engineMetrics(metrics) };
}

function task(status: TaskStatus, facts: Partial<TaskState> = {}): TaskState {
  return { stage: 's', agent: 'noop', failures: 0, status, ...facts } as TaskState;
}

function run(status: RunStatus, tasks: Record<string, TaskState> = {}, facts: Partial<RunState> = {}): RunState {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  return {
    id: 'r',
    tenant: 't',
    pipeline: 'p',
    traceparent,
    status,
    createdAt: 1_000,
    tasks: new Map(Object.entries(tasks)),
    ...facts,
  } as RunState;
}

function change(before: RunState, state: RunState): Change {
  return { before, state, touched: new Set(state.tasks.keys()) } as unknown as Change;
}

/** Series of a scrape: lines that are no comments. */
async function seriesOf(metrics: Metrics): Promise<string[]> {
  return (await metrics.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

describe('engineMetrics', () => {
  test('counts runs and tasks at their end, and measures how long a run waited and took', async () => {
    const { metrics, engine } = scene();
    const begun = run('running', {}, { startedAt: 1_200 });
    engine.written(change(run('queued'), begun));
    engine.written(change(begun, run('succeeded', { s: task('succeeded') }, { startedAt: 1_200, finishedAt: 3_000, output: { s: 1 } })));
    const series = await seriesOf(metrics);
    expect(series).toContain('mainstay_runs_total{status="succeeded",service="test"} 1');
    expect(series).toContain('mainstay_tasks_total{agent="noop",status="succeeded",service="test"} 1');
    expect(series).toContain('mainstay_run_start_delay_seconds_sum{service="test"} 0.2');
    expect(series).toContain('mainstay_run_duration_seconds_sum{service="test",status="succeeded"} 2');
    expect(series).toContain('mainstay_empty_runs_total{service="test"} 0');
  });

  test.each([null, undefined, '', [], {}, { s: null }, { s: {}, t: [] }])('a run that succeeds with %j has no result', async (output) => {
    const { metrics, engine } = scene();
    const facts = output === undefined ? {} : { output };
    engine.written(change(run('running', {}, { startedAt: 1 }), run('succeeded', {}, { startedAt: 1, ...facts })));
    expect(await seriesOf(metrics)).toContain('mainstay_empty_runs_total{service="test"} 1');
  });

  test.each([0, false, 'x', [0], { s: 0 }, { s: { t: null } }])('a run that succeeds with %j has one', async (output) => {
    const { metrics, engine } = scene();
    engine.written(change(run('running', {}, { startedAt: 1 }), run('succeeded', {}, { startedAt: 1, output })));
    expect(await seriesOf(metrics)).toContain('mainstay_empty_runs_total{service="test"} 0');
  });

  test('counts a retry once: when the task goes back to wait', async () => {
    const { metrics, engine } = scene();
    const running = run('running', { s: task('running') }, { startedAt: 1 });
    const waits = run('running', { s: task('ready', { failures: 1 }) }, { startedAt: 1 });
    for (const one of [change(running, waits), change(waits, waits)]) engine.written(one);
    expect(await seriesOf(metrics)).toContain('mainstay_task_retries_total{agent="noop",service="test"} 1');
  });

  test('shows what waits as of the last look', async () => {
    const { metrics, engine } = scene();
    engine.waiting([{ agent: 'a', oldestMs: 5_000, unserved: 2 }]);
    expect(await seriesOf(metrics)).toEqual(
      expect.arrayContaining([
        'mainstay_oldest_waiting_task_age_seconds{agent="a",service="test"} 5',
        'mainstay_unserved_tasks{agent="a",service="test"} 2',
      ]),
    );
    engine.waiting([]);
    expect((await seriesOf(metrics)).filter((line) => line.includes('agent="a"'))).toEqual([]);
  });

  test('10,000 tenants, 1,000 pipelines and 5,000 kinds of agents make no more series than a few hundred kinds do', async () => {
    const { metrics, engine } = scene();
    const runs = (count: number) =>
      Array.from({ length: count }, (_, i) => {
        const names = { id: `r${i}`, tenant: `tenant-${i}`, pipeline: `pipeline-${i % 1_000}` };
        const tasks = { s: task('succeeded', { agent: `kind-${i % 5_000}` }) };
        return change(run('running', {}, names), run('succeeded', tasks, { ...names, startedAt: 1, output: 1 }));
      });
    for (const one of runs(1_000)) engine.written(one);
    engine.waiting(Array.from({ length: 5_000 }, (_, i) => ({ agent: `kind-${i}`, oldestMs: 1, unserved: 1 })));
    const few = await seriesOf(metrics);
    for (const one of runs(10_000)) engine.written(one);
    const many = await seriesOf(metrics);
    expect(many.length).toBe(few.length);
    // 200 kinds and `other`: succeeded, dead, retries, waiting and unserved of each
    expect(many.length).toBeLessThan(1_100);
    expect(many.filter((line) => /tenant-|pipeline-/.test(line))).toEqual([]);
    expect(many).toContain('mainstay_tasks_total{agent="other",status="succeeded",service="test"} 10400');
  });
});
