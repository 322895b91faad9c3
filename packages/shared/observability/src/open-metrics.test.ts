import { afterEach, describe, expect, test } from '@jest/globals';
import { createMetrics, type Metrics } from './metrics.ts';
import { OPEN_METRICS_TYPE, wantsOpenMetrics } from './open-metrics.ts';

const PROMETHEUS_ACCEPT =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const placeIn = (traceId: string) => `00-${traceId}-b7ad6b7169203331-01`;
const made: Metrics[] = [];
const make = (processMetrics = false) => {
  const metrics = createMetrics({ service: 'test', processMetrics });
  made.push(metrics);
  return metrics;
};
afterEach(() => {
  for (const metrics of made.splice(0)) metrics.close();
});

describe('OpenMetrics', () => {
  test('is answered only to who asks for it', async () => {
    const metrics = make();
    metrics.counter('mainstay_runs_total').inc({ status: 'succeeded' });
    expect((await metrics.scrape(PROMETHEUS_ACCEPT)).type).toBe(OPEN_METRICS_TYPE);
    for (const accept of [undefined, '*/*', 'text/plain', 'application/openmetrics-text;q=0'])
      expect((await metrics.scrape(accept)).type).toBe(metrics.contentType);
    expect(wantsOpenMetrics('text/plain, application/openmetrics-text; version=1.0.0; q=0.5')).toBe(true);
  });

  test('names families of counters without their ending, keeps the series names, and ends with EOF', async () => {
    const metrics = make();
    metrics.counter('mainstay_runs_total').inc({ status: 'succeeded' }, 2);
    const { text } = await metrics.scrape(PROMETHEUS_ACCEPT);
    expect(text).toContain('# TYPE mainstay_runs counter\n# HELP mainstay_runs Runs that came into this state.\n');
    expect(text).toContain('mainstay_runs_total{service="test",status="succeeded"} 2\n');
    expect(text.endsWith('\n# EOF\n')).toBe(true);
    // and does not change what the older format says afterwards
    expect(await metrics.text()).toContain('# TYPE mainstay_runs_total counter');
  });

  test('has the same series in both formats', async () => {
    const metrics = make(true);
    metrics.counter('mainstay_http_requests_total').inc({ method: 'GET', route: 'a "b" \\ c\nd', status: '200' });
    metrics.traced('mainstay_task_duration_seconds', { agent: 'noop' }).observe(0.3, placeIn(TRACE));
    const names = (text: string) =>
      text
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'))
        .map((line) =>
          [...(/^[^{ ]+\{(.*)\} [^ ]+/.exec(line.replace(/ # .*/, ''))?.[1] ?? '').matchAll(/\w+="(?:[^"\\]|\\.)*"/g)]
            .map(String)
            .toSorted()
            .join(),
        )
        .toSorted();
    const [plain, open] = [await metrics.text(), (await metrics.scrape(PROMETHEUS_ACCEPT)).text];
    expect(names(open)).toEqual(names(plain));
    expect(names(open).length).toBeGreaterThan(20);
  });
});

describe('exemplars', () => {
  test('lead from a bucket to the trace of its latest observation that is sampled', async () => {
    const metrics = make();
    const series = metrics.traced('mainstay_http_request_duration_seconds', { method: 'GET', route: '/a', status: '200' });
    series.observe(0.003, placeIn('f'.repeat(32)));
    series.observe(0.004, placeIn(TRACE));
    series.observe(0.0045);
    series.observe(0.0045, placeIn('e'.repeat(32)).replace(/01$/, '00'));
    series.observe(99, placeIn(TRACE));
    const lines = (await metrics.scrape(PROMETHEUS_ACCEPT)).text.split('\n').filter((line) => line.includes('# {'));
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(new RegExp(`_bucket\\{.*le="0.005".*\\} 4 # \\{trace_id="${TRACE}"\\} 0\\.004 \\d+\\.\\d{3}$`));
    expect(lines[1]).toMatch(new RegExp(`_bucket\\{.*le="\\+Inf".*\\} 5 # \\{trace_id="${TRACE}"\\} 99 \\d`));
    expect(await metrics.text()).not.toContain(TRACE);
  });
});
