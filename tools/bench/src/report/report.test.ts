import { describe, expect, test } from '@jest/globals';
import { measured, recovered, resultsOf } from '../testing/sample-results.ts';
import { chart } from './chart.ts';
import { table } from './table.ts';
import { reportText } from './text.ts';

const measurements = [
  measured('mainstay', 'chain', 12_000),
  measured('dbos', 'chain', 1_000),
  recovered('mainstay', 1_500),
  recovered('bullmq-always', 60_000, { repeated: 25 }),
];
const results = resultsOf(measurements, ['chain', 'recovery']);

describe('table', () => {
  test('aligns names left and figures right', () => {
    expect(table([['name', 'n'], ['a', '1,000'], ['long one']])).toBe('name          n\na         1,000\nlong one');
  });
});

describe('reportText', () => {
  const text = reportText(results);

  test('tells figures, ratios and bars', () => {
    expect(text).toMatch(/^DBOS +1,000 +1,000–1,000 +12\.00 × as fast/m);
    expect(text).toMatch(/^BullMQ, always +60,000 .* 40\.00 × as fast +25 +0$/m);
    expect(text).toMatch(/^chain: steps\/s ≥ 10 × DBOS +12\.00 × +PASS$/m);
    expect(text).toMatch(/^chain: steps\/s ≥ 5 × Restate +– +not measured$/m);
  });

  test('tells where it was measured, and what failed', () => {
    expect(text).toContain('Postgres 18.4 (fsync and synchronous_commit on, defaults)');
    const failed = reportText({ ...results, quick: true, failures: [{ round: 2, engine: 'restate', error: 'no server' }] });
    expect(failed).toContain('FAILED in round 2: Restate: no server');
    expect(failed).toContain('Quick: few runs');
  });
});

describe('chart', () => {
  const svg = chart(results);

  test('draws a bar per engine and workload, the longest one in full', () => {
    expect([...svg.matchAll(/height="16"/g)]).toHaveLength(4);
    const widths = [...svg.matchAll(/width="([\d.]+)" height="16"/g)].map(([, width]) => Number(width));
    expect(widths).toEqual([480, 40, 12, 480]);
    expect(svg).toContain('(Mainstay 12.0 ×)');
  });

  test('is well-formed, whatever the machine is called', () => {
    const odd = chart({ ...results, environment: { ...results.environment, node: '<v&>' } });
    expect(odd).toContain('&lt;v&amp;&gt;');
    expect(svg.match(/<text/g)).toHaveLength(svg.match(/<\/text>/g)?.length ?? 0);
    expect(svg).toMatch(/^<svg [^>]*viewBox="0 0 860 \d+"[^>]*>[^]*<\/svg>\n$/);
  });

  test('of nothing is an empty frame', () => {
    expect(chart(resultsOf([], ['chain']))).not.toContain('height="16"');
  });
});
