import { type AlertRule, isAlert, type RecordingRule, type RuleGroup } from './rule.ts';
import type { YamlValue } from './yaml.ts';

/** A rule file as Prometheus reads it. */
export function ruleFile(groups: readonly RuleGroup[]): YamlValue {
  return {
    groups: groups.map(({ name, rules }) => ({ name, rules: rules.map((rule) => (isAlert(rule) ? alertOf(rule) : recordOf(rule))) })),
  };
}

function alertOf({ alert, expr, forMinutes, severity, labels, summary, runbook }: AlertRule): YamlValue {
  return {
    alert,
    expr,
    ...(forMinutes === 0 ? {} : { for: `${forMinutes}m` }),
    labels: { severity, ...labels },
    annotations: { summary, runbook: runbookPath(runbook) },
  };
}

function recordOf({ record, expr, labels }: RecordingRule): YamlValue {
  return { record, expr, labels };
}

/** From the top of the repository. */
export function runbookPath(runbook: string): string {
  return `docs/runbooks/${runbook}.md`;
}
