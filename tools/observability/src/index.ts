export { burnAlerts, burnRecords } from './slo/burn-rules.ts';
export { type Objective, objectives } from './slo/objectives.ts';
export { type MetricReference, metricReferences } from './metric-references.ts';
export { allMetrics } from './metrics-table.ts';
export { type AlertRule, isAlert, type RecordingRule, type RuleGroup, SEVERITIES, type Severity } from './rule.ts';
export { runbookPath } from './rule-file.ts';
export { allAlerts, allGroups, ruleFiles } from './rule-groups.ts';
