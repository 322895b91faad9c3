import { SEVERITIES } from './rule.ts';
import { allAlerts } from './rule-groups.ts';

/** What operators ask to be alerted of, with its limit, and the alert that does it. */
export const askedAlerts: Readonly<Record<string, string>> = {
  'high latency: p99 above 500 ms': 'HighLatency',
  'high error rate: above 1 %': 'HighErrorRate',
  'zero-result rate: above 10 %': 'ZeroResultRate',
  'database connection pool exhausted': 'ConnectionPoolExhausted',
  'cache hit rate: below 50 %': 'CacheHitRateLow',
  'error rate of model calls: above 1 %': 'ModelErrorRate',
};

/** The alerts that were asked for, as docs/OBSERVABILITY.md has them. */
export function askedAlertsTable(): string {
  const rows = Object.entries(askedAlerts).map(([asked, name]) => {
    const rule = allAlerts.find(({ alert }) => alert === name);
    if (rule === undefined) throw new Error(`there is no alert ${name}`);
    const limits = [...rule.expr.matchAll(/(?:^| )([<>] [\d.]+)(?= and |$)/g)].map(([, limit = '']) => `\`${limit}\``);
    return `| ${asked} | \`${name}\` | ${limits.join(', ')} | ${rule.severity} |`;
  });
  return ['| asked for | alert | limit in its rule | severity |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

/** The table of alerts of docs/OBSERVABILITY.md, the most urgent first. */
export function alertsTable(): string {
  const sorted = allAlerts.toSorted((a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity));
  const rows = sorted.map(({ alert, severity, forMinutes, runbook }) => {
    const after = forMinutes === 0 ? 'at once' : `${forMinutes} min`;
    return `| ${severity} | \`${alert}\` | ${after} | [${runbook}](runbooks/${runbook}.md) |`;
  });
  return ['| severity | alert | after | runbook |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
