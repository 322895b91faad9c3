import { scaledDuration, scaledRanges } from './duration.ts';
import { type AlertRule, isAlert, type RecordingRule, type RuleGroup } from './rule.ts';
import type { YamlValue } from './yaml.ts';

/** How a rule file differs from the one in the repository. */
export interface RuleFileOptions {
  /** All durations are multiplied by it: waits, ranges and offsets. Default 1. */
  readonly factor?: number;
  /** Ranges do not become shorter than that: they must hold some scrapes. Default 0. */
  readonly leastRangeMs?: number;
  /** What stands before the paths of the runbooks. Default: nothing, they are relative to the repository. */
  readonly runbookBase?: string;
}

/** A rule file as Prometheus reads it. */
export function ruleFile(groups: readonly RuleGroup[], options: RuleFileOptions = {}): YamlValue {
  return {
    groups: groups.map(({ name, rules }) => ({
      name,
      rules: rules.map((rule) => (isAlert(rule) ? alertOf(rule, options) : recordOf(rule, options))),
    })),
  };
}

function alertOf({ alert, expr, forMinutes, severity, labels, summary, runbook }: AlertRule, options: RuleFileOptions): YamlValue {
  const { factor = 1, leastRangeMs, runbookBase = '' } = options;
  return {
    alert,
    expr: scaledRanges(expr, factor, leastRangeMs),
    ...(forMinutes === 0 ? {} : { for: scaledDuration(`${forMinutes}m`, factor) }),
    labels: { severity, ...labels },
    annotations: { summary, runbook: runbookBase + runbookPath(runbook) },
  };
}

function recordOf({ record, expr, labels }: RecordingRule, { factor = 1, leastRangeMs }: RuleFileOptions): YamlValue {
  return { record, expr: scaledRanges(expr, factor, leastRangeMs), labels };
}

/** From the top of the repository. */
export function runbookPath(runbook: string): string {
  return `docs/runbooks/${runbook}.md`;
}
