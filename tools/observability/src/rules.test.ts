import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { askedAlerts, askedAlertsTable } from './alerts-table.ts';
import { measures } from './measures.ts';
import { metricReferences } from './metric-references.ts';
import { allMetrics } from './metrics-table.ts';
import { isAlert, SEVERITIES } from './rule.ts';
import { runbookPath } from './rule-file.ts';
import { allAlerts, allGroups } from './rule-groups.ts';
import { burnAlerts, SPEEDS } from './slo/burn-rules.ts';
import { objectives } from './slo/objectives.ts';
import { ROOT } from './written-files.ts';

/** Made by Prometheus itself for every target. */
const OWN_SERIES = new Map([
  ['up', ['job', 'instance']],
  ['ALERTS', ['alertname', 'alertstate', 'severity']],
]);
const TARGET_LABELS = ['service', 'job', 'instance'];

const recorded = new Map(
  allGroups.flatMap(({ rules }) => rules.flatMap((rule) => (isAlert(rule) ? [] : [[rule.record, Object.keys(rule.labels)] as const]))),
);

/** Labels of the series of this name; undefined when nothing makes it. */
function labelsOf(series: string): readonly string[] | undefined {
  const made = OWN_SERIES.get(series) ?? recorded.get(series);
  if (made !== undefined) return made;
  const base = series.replace(/_(?:bucket|sum|count)$/, '');
  const facts = allMetrics[series] ?? (allMetrics[base]?.type === 'histogram' ? allMetrics[base] : undefined);
  if (facts === undefined || (facts.type === 'histogram' && series === base)) return undefined;
  return [...facts.labels, ...TARGET_LABELS, ...(series.endsWith('_bucket') ? ['le'] : [])];
}

const rules = [
  ...allGroups.flatMap(({ rules: some }) =>
    some.map((rule) => [isAlert(rule) ? rule.alert : `${rule.record} ${Object.values(rule.labels).join()}`, rule] as const),
  ),
  ...measures.flatMap(({ asked, answer }) => ('expr' in answer ? [[asked, answer] as const] : [])),
];

describe('rules', () => {
  test.each(rules)('%s reads metrics that there are, by labels that they have', (_name, { expr }) => {
    const references = metricReferences(expr);
    expect(references.length).toBeGreaterThan(0);
    for (const { metric, labels } of references) {
      const known = labelsOf(metric);
      expect({ metric, known: known !== undefined }).toEqual({ metric, known: true });
      for (const label of labels) expect({ metric, labels: known }).toEqual({ metric, labels: expect.arrayContaining([label]) });
    }
  });

  test('references are found wherever they stand', () => {
    const expr = 'sum by (le, a) (rate(m_bucket{le="0.5 x{y}"}[5m])) / on (a) n:o:rate5m{slo!="p"} > bool 1e3 unless up offset 5m';
    expect(metricReferences(expr)).toEqual([
      { metric: 'm_bucket', labels: ['le'] },
      { metric: 'n:o:rate5m', labels: ['slo'] },
      { metric: 'up', labels: [] },
    ]);
    expect(labelsOf('mainstay_nothing_total')).toBeUndefined();
    expect(labelsOf('mainstay_commit_duration_seconds')).toBeUndefined();
  });
});

describe('alerts', () => {
  test('have names of their own', () => {
    const names = allAlerts.map(({ alert }) => alert);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[A-Z][A-Za-z]+$/);
  });

  test('that were asked for have the limits that were asked for', () => {
    const limits = { '500 ms': '> 0.5', '10 %': '> 0.1', '50 %': '< 0.5', '1 %': '> 0.01', exhausted: '> 0' };
    const rows = askedAlertsTable().split('\n').slice(2);
    expect(rows).toHaveLength(Object.keys(askedAlerts).length);
    for (const row of rows) {
      const [, limit] = Object.entries(limits).find(([asked]) => row.includes(` ${asked} `)) ?? [];
      expect([row, row.includes(`\`${String(limit)}\``)]).toEqual([row, true]);
    }
  });

  test('are of every severity', () => {
    expect(new Set(allAlerts.map(({ severity }) => severity))).toEqual(new Set(SEVERITIES));
  });

  test('cover what an installation must tell', () => {
    const wanted = ['HighLatency', 'HighErrorRate', 'ZeroResultRate', 'ConnectionPoolExhausted', 'CacheHitRateLow', 'ModelErrorRate'];
    const ours = ['NoProgress', 'DeadLetters', 'LeaseLosses', 'RedisMayEvict', 'BreakerOpen', 'HeapNearLimit', 'EventLoopLag', 'NoWorkers'];
    expect(allAlerts.map(({ alert }) => alert)).toEqual(expect.arrayContaining([...wanted, ...ours]));
  });

  test.each(allAlerts.map((rule) => [rule.alert, rule] as const))('%s has a runbook with all its parts', (alert, { runbook, severity }) => {
    const text = readFileSync(join(ROOT, runbookPath(runbook)), 'utf8');
    expect(text.match(/^## .+$/gm)).toEqual(['## What it means', '## How to look', '## How to mend', '## How to know that it is mended']);
    expect(text).toContain(`\`${alert}\``);
    expect({ alert, text: text.includes(severity) }).toEqual({ alert, text: true });
  });

  test('every runbook belongs to an alert', () => {
    const files = readdirSync(join(ROOT, 'docs/runbooks')).filter((file) => file !== 'README.md');
    expect(files.toSorted()).toEqual([...new Set(allAlerts.map(({ runbook }) => `${runbook}.md`))].toSorted());
  });
});

describe('objectives', () => {
  test('are watched at every speed, in a long and a short window', () => {
    expect(burnAlerts).toHaveLength(objectives.length * SPEEDS.length);
    const fast = burnAlerts.find(({ alert }) => alert === 'ApiAvailabilityBurnsFast');
    expect(fast).toMatchObject({
      severity: 'critical',
      expr: 'mainstay:slo_error_ratio:rate1h{slo="api-availability"} > 0.0072 and mainstay:slo_error_ratio:rate5m{slo="api-availability"} > 0.0072',
    });
  });

  test('no limit is out of reach: the fastest burn is less than all events', () => {
    for (const { name, target } of objectives)
      expect({ name, limit: SPEEDS[0] && SPEEDS[0].factor * (1 - target) < 1 }).toEqual({ name, limit: true });
  });
});
