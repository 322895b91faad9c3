import type { AlertRule } from '../rule.ts';

/** Alerts that speak of alerts: they must not speak of each other. */
const OTHERS = 'alertname!~"ErrorLasts|CriticalLasts|Watchdog",alertstate="firing"';

const lasting = (severity: 'error' | 'critical'): string =>
  `max by (cause) (label_replace(ALERTS{${OTHERS},severity="${severity}"}, "cause", "$1", "alertname", "(.+)")) > 0`;
const firing = (severity: string) => `ALERTS{alertname="HighLatency",alertstate="firing",severity="${severity}"}`;

/** What nobody has mended in time goes one step up. */
export const escalationAlerts: readonly AlertRule[] = [
  {
    alert: 'ErrorLasts',
    severity: 'critical',
    expr: lasting('error'),
    forMinutes: 60,
    runbook: 'alert-lasts',
    summary: '{{ $labels.cause }} has lasted for an hour.',
    test: { atMinute: 70, firing: { [firing('error')]: '1x90' }, quiet: { [firing('error')]: '1x50 _x40', [firing('warning')]: '1x90' } },
  },
  {
    alert: 'CriticalLasts',
    severity: 'critical',
    expr: lasting('critical'),
    forMinutes: 15,
    runbook: 'alert-lasts',
    summary: '{{ $labels.cause }} has lasted for a quarter of an hour: the second line is told.',
    labels: { escalation: 'second-line' },
    test: { atMinute: 20, firing: { [firing('critical')]: '1x30' }, quiet: { [firing('error')]: '1x30' } },
  },
  {
    alert: 'Watchdog',
    severity: 'info',
    expr: 'count(up) > 0',
    forMinutes: 0,
    runbook: 'watchdog',
    summary: 'Always there: whoever receives it must become alarmed when it stops.',
    test: { atMinute: 5, firing: { 'up{job="mainstay-workers",instance="a"}': '0x30' }, quiet: { mainstay_workers: '1x30' } },
  },
];
