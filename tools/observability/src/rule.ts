/**
 * How urgent an alert is. `info`: nothing is to be done; `warning`: look at it within a working day; `error`: look at it within the hour;
 * `critical`: wake somebody.
 */
export type Severity = 'info' | 'warning' | 'error' | 'critical';

export const SEVERITIES: readonly Severity[] = ['info', 'warning', 'error', 'critical'];

/** A series of a test: its name with labels, and its values from the start, one a minute, in promtool's notation. */
export type TestSeries = Readonly<Record<string, string>>;

/** Shows that a rule bites, and when it does not. */
export interface AlertTest {
  /** Minutes after which the alert fires, and does not without cause. */
  readonly atMinute: number;
  readonly firing: TestSeries;
  readonly quiet: TestSeries;
}

/** One alert. */
export interface AlertRule {
  readonly alert: string;
  readonly severity: Severity;
  /** PromQL: true for what is wrong. */
  readonly expr: string;
  /** Minutes for which it must be wrong. */
  readonly forMinutes: number;
  /** File name in docs/runbooks, without its ending. */
  readonly runbook: string;
  /** One sentence that says what is wrong; may name labels and the value. */
  readonly summary: string;
  /** Further labels. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly test: AlertTest;
}

/** What a series must be of others; undefined: there must be none. */
export interface RecordCase {
  readonly series: TestSeries;
  readonly value: number | undefined;
}

/** A series that Prometheus computes and keeps. */
export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly test: { readonly atMinute: number; readonly cases: readonly RecordCase[] };
}

/** Rules that are evaluated together. */
export interface RuleGroup {
  readonly name: string;
  readonly rules: readonly (AlertRule | RecordingRule)[];
}

export function isAlert(rule: AlertRule | RecordingRule): rule is AlertRule {
  return 'alert' in rule;
}

/** `sum by (labels)` of what a counter gained, also when its series did not exist before: the first event of its kind counts as well. */
export function gained(selector: string, window: string, by: readonly string[]): string {
  const sum = by.length === 0 ? 'sum' : `sum by (${by.join(', ')}) `;
  return `(${sum}(increase(${selector}[${window}])) > 0 or (${sum}(${selector}) unless ${sum}(${selector} offset ${window})) > 0)`;
}
