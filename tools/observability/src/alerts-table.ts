import { isAlert, SEVERITIES } from './rule.ts';
import { allGroups } from './rule-groups.ts';

/** The table of alerts of docs/OBSERVABILITY.md, the most urgent first. */
export function alertsTable(): string {
  const alerts = allGroups.flatMap(({ rules }) => rules.filter(isAlert));
  const sorted = alerts.toSorted((a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity));
  const rows = sorted.map(({ alert, severity, forMinutes, runbook }) => {
    const after = forMinutes === 0 ? 'at once' : `${forMinutes} min`;
    return `| ${severity} | \`${alert}\` | ${after} | [${runbook}](runbooks/${runbook}.md) |`;
  });
  return ['| severity | alert | after | runbook |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
