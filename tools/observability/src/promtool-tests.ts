import { type AlertRule, isAlert, type RecordCase, type RecordingRule, type TestSeries } from './rule.ts';
import type { YamlValue } from './yaml.ts';

/**
 * Tests for `promtool test rules` of one rule file: every alert fires under its cause, and is silent without it; every recorded series has
 * the value that follows from others. Rules with the same test share the evaluation.
 */
export function promtoolTests(file: string, rules: readonly (AlertRule | RecordingRule)[]): YamlValue {
  const together = Map.groupBy(rules.filter(isAlert), ({ test }) => test);
  const recorded = Map.groupBy(
    rules.flatMap((rule) => (isAlert(rule) ? [] : [rule])),
    ({ test }) => test,
  );
  return {
    rule_files: [file],
    evaluation_interval: '1m',
    tests: [
      ...[...together].flatMap(([{ firing, quiet, atMinute }, same]) => {
        const names = same.map(({ alert }) => alert);
        return [oneTest(names, 'fires', firing, atMinute), oneTest(names, 'is silent', quiet, atMinute)];
      }),
      ...[...recorded].flatMap(([{ cases, atMinute }, same]) => cases.map((one) => recordTest(same, one, atMinute))),
    ],
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

/** Rounded to thousandths, since promtool compares exactly; that leaves the name out. */
function recordTest(rules: readonly RecordingRule[], { series, value }: RecordCase, atMinute: number): YamlValue {
  return {
    name: `${rules.map(({ record }) => record).join(', ')} ${value === undefined ? 'is not there' : `is ${value}`}`,
    interval: '1m',
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    promql_expr_test: rules.map(({ record, labels }) => {
      const pairs = Object.entries(labels).map(([name, text]) => `${name}="${text}"`);
      return {
        expr: `round(${record}{${pairs.join(',')}}, 0.001)`,
        eval_time: `${atMinute}m`,
        exp_samples: value === undefined ? [] : [{ labels: `{${pairs.join(',')}}`, value }],
      };
    }),
  };
}
