import type { AlertRule, AlertTest, RecordingRule, Severity } from '../rule.ts';
import { type Objective, objectives } from './objectives.ts';

/** How fast the month's budget of errors may burn before somebody is told. */
interface Speed {
  readonly name: string;
  readonly severity: Severity;
  /** Times the pace at which the budget lasts 30 days. */
  readonly factor: number;
  /** The burn must show in both: the long one says that it matters, the short one that it goes on. */
  readonly long: string;
  readonly short: string;
}

/** A fast burn takes 2 % of the budget in an hour, a middle one 5 % in six, the slow ones 10 % in a day or in three. */
export const SPEEDS: readonly Speed[] = [
  { name: 'Fast', severity: 'critical', factor: 14.4, long: '1h', short: '5m' },
  { name: 'Middle', severity: 'error', factor: 6, long: '6h', short: '30m' },
  { name: 'Slow', severity: 'warning', factor: 3, long: '1d', short: '2h' },
  { name: 'Creeping', severity: 'warning', factor: 1, long: '3d', short: '6h' },
];

const WINDOWS: readonly string[] = [...new Set(SPEEDS.flatMap(({ short, long }) => [short, long]))];

const recordName = (window: string): string => `mainstay:slo_error_ratio:rate${window}`;

/** The share of bad events in each window. */
export const burnRecords: readonly RecordingRule[] = objectives.flatMap(({ name, bad, all, badSeries, badShare, goodSeries }) => {
  const cases = [
    { series: badSeries, value: badShare },
    { series: goodSeries, value: 0 },
  ];
  const test = { atMinute: 130, cases };
  return WINDOWS.map((window) => ({
    ...{ record: recordName(window), labels: { slo: name }, test },
    expr: `${bad} / ${all}`.replaceAll('WINDOW', window),
  }));
});

/** One alert per objective and speed. */
export const burnAlerts: readonly AlertRule[] = objectives.flatMap((objective) => {
  const test = { atMinute: 130, firing: objective.badSeries, quiet: objective.goodSeries };
  return SPEEDS.map((speed) => burnAlert(objective, speed, test));
});

function burnAlert({ name, title, target }: Objective, speed: Speed, test: AlertTest): AlertRule {
  const limit = Number((speed.factor * (1 - target)).toPrecision(6));
  const over = (window: string): string => `${recordName(window)}{slo="${name}"} > ${limit}`;
  return {
    alert: `${pascal(name)}Burns${speed.name}`,
    severity: speed.severity,
    expr: `${over(speed.long)} and ${over(speed.short)}`,
    forMinutes: 2,
    runbook: `${name}-burns`,
    summary: `{{ $value | humanizePercentage }} of the events were bad in the last ${speed.long}. Promised: ${title}.`,
    labels: { slo: name },
    test,
  };
}

/** `api-latency` → `ApiLatency`. */
function pascal(name: string): string {
  return name.replace(/(?:^|-)([a-z])/g, (_all, letter: string) => letter.toUpperCase());
}
