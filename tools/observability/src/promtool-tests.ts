import type { AlertRule, TestSeries } from './rule.ts';
import type { YamlValue } from './yaml.ts';

/**
 * Tests for `promtool test rules` of one rule file: every alert fires under its cause, and is silent without it. Alerts with the same
 * test share the evaluation.
 */
export function promtoolTests(file: string, alerts: readonly AlertRule[]): YamlValue {
  const together = Map.groupBy(alerts, ({ test }) => test);
  return {
    rule_files: [file],
    evaluation_interval: '1m',
    tests: [...together].flatMap(([{ firing, quiet, atMinute }, same]) => {
      const names = same.map(({ alert }) => alert);
      return [oneTest(names, 'fires', firing, atMinute), oneTest(names, 'is silent', quiet, atMinute)];
    }),
  };
}

function oneTest(alerts: readonly string[], what: 'fires' | 'is silent', series: TestSeries, atMinute: number): YamlValue {
  return {
    name: `${alerts.join(', ')} ${what}`,
    interval: '1m',
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    promql_expr_test: alerts.map((alert) => ({
      expr: `count(ALERTS{alertname="${alert}",alertstate="firing"}) > bool 0`,
      eval_time: `${atMinute}m`,
      exp_samples: what === 'fires' ? [{ labels: '{}', value: 1 }] : [],
    })),
  };
}
