import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { MetricFacts } from './metric-facts.ts';
import { metricCatalogue } from './metric-names.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { processMetricCatalogue } from './process-metric-names.ts';

const entries = Object.entries<MetricFacts>({ ...metricCatalogue, ...processMetricCatalogue });
/** What labels may say: names in the code, states, and kinds and names that `boundedLabel` keeps few. */
const LABELS = [
  'method',
  'route',
  'status',
  'agent',
  'reason',
  'cache',
  'result',
  'state',
  'statement',
  'call',
  'outcome',
  'breaker',
  'dependency',
  'kind',
  'trigger',
  'code',
  'operation',
];
const made: Metrics[] = [];
const make = (processMetrics = false) => {
  const metrics = createMetrics({ service: 'test', processMetrics });
  made.push(metrics);
  return metrics;
};

afterEach(() => {
  for (const metrics of made.splice(0)) metrics.close();
});

describe('metricCatalogue', () => {
  test.each(entries)('%s follows the naming rules of Prometheus', (name, { type, help, labels, unit, buckets = [] }) => {
    expect(name).toMatch(/^(?:mainstay|process|nodejs)_[a-z][a-z_]+[a-z]$/);
    expect(name.endsWith('_total')).toBe(type === 'counter');
    expect(help).toMatch(/^[A-Z].*\.$/);
    for (const label of labels) expect(LABELS).toContain(label);
    expect(/_(seconds|bytes|ratio)(?:_total)?$/.exec(name)?.[1]).toBe(unit);
    expect(buckets.length > 0).toBe(type === 'histogram');
    expect([...buckets].toSorted((a, b) => a - b)).toEqual(buckets);
  });
});

describe('createMetrics', () => {
  test('counts, gauges and observes under declared names, with the service on every series', async () => {
    const metrics = make();
    metrics.counter('mainstay_http_requests_total').inc({ method: 'GET', route: '/health', status: '200' }, 2);
    metrics.gauge('mainstay_workers').set(3);
    metrics.histogram('mainstay_task_duration_seconds').observe({ agent: 'noop' }, 0.01);
    const text = await metrics.text();
    expect(text).toContain('mainstay_http_requests_total{method="GET",route="/health",status="200",service="test"} 2');
    expect(text).toContain('mainstay_workers{service="test"} 3');
    expect(text).toContain('mainstay_task_duration_seconds_bucket{le="0.025",service="test",agent="noop"} 1');
    expect(text).toContain('# HELP mainstay_workers Workers that are alive.');
    expect(metrics.contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
  });

  test('gives the same metric when it is asked for again', () => {
    const metrics = make();
    expect(metrics.counter('mainstay_runs_total')).toBe(metrics.counter('mainstay_runs_total', 'Runs.', ['status']));
  });

  test('takes help and labels of its caller', async () => {
    const metrics = make();
    metrics.counter('mainstay_runs_total', 'Runs of mine.', []).inc();
    expect(await metrics.text()).toContain('# HELP mainstay_runs_total Runs of mine.');
  });

  test('refuses labels that are not declared', () => {
    const labels: Record<string, string> = { run: 'id' };
    expect(() => {
      make().counter('mainstay_runs_total').inc(labels);
    }).toThrow('run');
  });

  test('keeps the metrics of two registries apart', async () => {
    const [a, b] = [make(), make()];
    a.gauge('mainstay_workers').set(1);
    expect(await b.text()).not.toContain('mainstay_workers');
  });

  test('tells of the process: memory, CPU, event loop and garbage collections', async () => {
    const metrics = make(true);
    const numberOf = async (name: string) =>
      Number(new RegExp(`^${name}\\{service="test"\\} (\\S+)$`, 'm').exec(await metrics.text())?.[1]);
    expect(await numberOf('process_resident_memory_bytes')).toBeGreaterThan(1_000_000);
    expect(await numberOf('nodejs_heap_size_used_bytes')).toBeGreaterThan(1_000_000);
    expect(await numberOf('process_start_time_seconds')).toBeLessThanOrEqual(Date.now() / 1_000);
    const cpu = await numberOf('process_cpu_seconds_total');
    expect(cpu).toBeGreaterThan(0);
    expect(await numberOf('process_cpu_seconds_total')).toBeGreaterThanOrEqual(cpu);
  });

  test('the start of the process is the same at each scrape', async () => {
    const metrics = make(true);
    const start = async () => /^process_start_time_seconds\S* (\S+)$/m.exec(await metrics.text())?.[1];
    const first = await start();
    await wait(20);
    expect(await start()).toBe(first);
  });

  test('sees a blocked event loop', async () => {
    const metrics = make(true);
    const lag = async () => Number(/^mainstay_event_loop_lag_seconds\S* (\S+)$/m.exec(await metrics.text())?.[1]);
    let worst = 0;
    for (let round = 0; round < 50 && worst < 0.1; round++) {
      // the first sample after a scrape only begins an interval
      await wait(250);
      const until = performance.now() + 200;
      while (performance.now() < until);
      await wait(30);
      worst = Math.max(worst, await lag());
    }
    expect(worst).toBeGreaterThanOrEqual(0.1);
  });

  test('declares everything that it shows of the process', async () => {
    const names = [...(await make(true).text()).matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type]) => [name, type]);
    const declared = Object.entries<MetricFacts>(processMetricCatalogue).map(([name, { type }]) => [name, type]);
    expect(names.toSorted()).toEqual([...declared, ['mainstay_event_loop_lag_seconds', 'gauge']].toSorted());
  });

  test('reads what is at hand before each scrape, until it is closed', async () => {
    const metrics = make();
    let reads = 0;
    metrics.onScrape(() => metrics.gauge('mainstay_workers').set(++reads));
    expect(await metrics.text()).toContain('mainstay_workers{service="test"} 1');
    expect(await metrics.text()).toContain('mainstay_workers{service="test"} 2');
    metrics.close();
    await metrics.text();
    expect(reads).toBe(2);
  });

  test('tells what was tallied at each scrape, once; two tallies of a series add up', async () => {
    const metrics = make();
    const labels = { agent: 'a', status: 'succeeded' };
    const [one, other] = [metrics.tally('mainstay_tasks_total', labels), metrics.tally('mainstay_tasks_total', labels)];
    const series = 'mainstay_tasks_total{agent="a",status="succeeded",service="test"}';
    expect(await metrics.text()).not.toContain(series);
    one.add();
    one.add(3);
    other.add();
    expect(await metrics.text()).toContain(`${series} 5\n`);
    expect((await metrics.scrape()).text).toContain(`${series} 5\n`);
    one.add();
    expect((await metrics.scrape('application/openmetrics-text')).text).toMatch(/^mainstay_tasks_total\{.*\} 6$/m);
  });

  test('forgets everything when it is closed', async () => {
    const metrics = make(true);
    metrics.gauge('mainstay_workers').set(1);
    metrics.close();
    expect((await metrics.text()).trim()).toBe('');
  });
});
