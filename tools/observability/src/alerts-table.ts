import { environments } from './alertmanager/environments.ts';
import { type AlertRule, SEVERITIES } from './rule.ts';
import { allAlerts } from './rule-groups.ts';
import { fullRangeMs, toldWithinMs } from './told-within.ts';

/** Of Prometheus as `observability:up` starts it. */
const INTERVAL_MS = 15_000;

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
  const rows = sorted.map((rule) => {
    const { alert, severity, forMinutes, runbook } = rule;
    const after = forMinutes === 0 ? 'at once' : `${forMinutes} min`;
    return `| ${severity} | \`${alert}\` | ${after} | ${told(rule)} | [${runbook}](runbooks/${runbook}.md) |`;
  });
  return ['| severity | alert | after | told within | runbook |', '| --- | --- | --- | --- | --- |', ...rows].join('\n');
}

/** In production, from the time at which the rule's ranges show it. What looks back over a rate shows a sharp fault well before its range is full. */
function told(rule: AlertRule): string {
  const production = environments.find(({ name }) => name === 'production');
  if (production === undefined) throw new Error('there is no production');
  const ms = toldWithinMs(rule, production, { intervalMs: INTERVAL_MS, rangeMs: fullRangeMs(rule.expr) });
  const [minutes, seconds] = [Math.floor(ms / 60_000), Math.round((ms % 60_000) / 1_000)];
  return minutes === 0 ? `${seconds} s` : seconds === 0 ? `${minutes} min` : `${minutes} min ${seconds} s`;
}
