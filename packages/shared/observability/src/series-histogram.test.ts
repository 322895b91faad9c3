import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Histogram, Registry } from 'prom-client';
import { SeriesHistogram } from './series-histogram.ts';

const config = { name: 'taken_seconds', help: 'Taken.', buckets: [0.01, 0.1, 1] } as const;

function both(labelNames: readonly ('agent' | 'call')[]) {
  const [ours, theirs] = [new Registry(), new Registry()];
  for (const registry of [ours, theirs]) registry.setDefaultLabels({ service: 'test' });
  return {
    mine: new SeriesHistogram({ ...config, labelNames, registers: [ours] }),
    original: new Histogram({ ...config, buckets: [...config.buckets], labelNames, registers: [theirs] }),
    texts: async () => [await ours.metrics(), await theirs.metrics()],
    json: async () => [await ours.getMetricsAsJSON(), await theirs.getMetricsAsJSON()],
  };
}

describe('SeriesHistogram', () => {
  test("shows what prom-client's own shows, however it was observed", async () => {
    const observation = fc.record({
      agent: fc.constantFrom('a', 'b', ''),
      call: fc.constantFrom('x', 'y'),
      value: fc.double({ min: 0, max: 2, noNaN: true }),
      bound: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(observation), async (observations) => {
        const { mine, original, texts, json } = both(['agent', 'call']);
        for (const { agent, call, value, bound } of observations) {
          for (const histogram of [mine, original]) {
            if (bound) histogram.labels({ agent, call }).observe(value);
            else histogram.observe({ agent, call }, value);
          }
        }
        const [text, expected] = await texts();
        expect(linesOf(text)).toEqual(linesOf(expected));
        const [data, expectedData] = await json();
        expect(data?.map(({ values }) => values.length)).toEqual(expectedData?.map(({ values }) => values.length));
      }),
      { numRuns: 50 },
    );
  });

  test('without labels, it shows zeros before anything was observed', async () => {
    const { mine, original, texts } = both([]);
    let [text, expected] = await texts();
    expect(text).toBe(expected);
    for (const histogram of [mine, original]) {
      histogram.observe(0.1);
      histogram.observe(5);
      histogram.startTimer()();
    }
    [text, expected] = await texts();
    expect(text).toContain('taken_seconds_bucket{le="1",service="test"} 2');
    expect(text).toContain('taken_seconds_count{service="test"} 3');
  });

  test('forgets, removes and zeroes as the other does', async () => {
    const { mine, original, texts } = both(['agent']);
    for (const histogram of [mine, original]) {
      histogram.labels('a').observe(1);
      histogram.labels('b').observe(1);
      histogram.remove({ agent: 'a' });
      histogram.zero({ agent: 'c' });
    }
    let [text, expected] = await texts();
    expect(text).toBe(expected);
    for (const histogram of [mine, original]) histogram.reset();
    [text, expected] = await texts();
    expect(text).toBe(expected);
  });

  test('refuses labels that are not declared, and what is no number', () => {
    const { mine } = both(['agent']);
    const labels: Record<string, string> = { run: 'id' };
    expect(() => {
      mine.observe(labels, 1);
    }).toThrow('run');
    expect(() => mine.labels(labels)).toThrow('run');
    expect(() => {
      mine.observe({ agent: 'a' }, Number.NaN);
    }).toThrow('not a valid number');
  });
});

const linesOf = (text = ''): string[] => text.split('\n').toSorted();
