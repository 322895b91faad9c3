import type { Environment } from './alertmanager/environments.ts';
import { durationMs } from './duration.ts';
import type { AlertRule } from './rule.ts';

export interface ToldFacts {
  /** Of Prometheus: between two scrapes, and between two evaluations. */
  readonly intervalMs: number;
  /** All waits of rules and routes are multiplied by it. Default 1. */
  readonly factor?: number;
  /** What the rule looks back on must have filled up with what is wrong: its longest range. Default: none. */
  readonly rangeMs?: number;
  /** Time that Mainstay itself may take until the series shows what is wrong. Default 0. */
  readonly noticedMs?: number;
}

/**
 * Milliseconds from the fault until somebody is told, at most: Mainstay notices it, a scrape, the range of the rule, an evaluation, the
 * rule's `for` with one evaluation more, and the wait of Alertmanager for others of the group.
 */
export function toldWithinMs(rule: Pick<AlertRule, 'forMinutes' | 'severity'>, environment: Environment, facts: ToldFacts): number {
  const { intervalMs, factor = 1, rangeMs = 0, noticedMs = 0 } = facts;
  const waitMs = durationMs(environment.reactions[rule.severity].groupWait) * factor;
  return noticedMs + intervalMs + rangeMs + intervalMs + rule.forMinutes * 60_000 * factor + intervalMs + waitMs;
}

/**
 * The same from the end of the fault until it is told that it is over: the range empties, one scrape, one evaluation, and the next time at which the
 * group may be told of again.
 */
export function overWithinMs(rule: Pick<AlertRule, 'severity'>, environment: Environment, facts: ToldFacts): number {
  const { intervalMs, factor = 1, rangeMs = 0, noticedMs = 0 } = facts;
  const groupMs = durationMs(environment.reactions[rule.severity].groupInterval) * factor;
  return noticedMs + intervalMs + rangeMs + intervalMs + groupMs;
}

/** The range that must be filled with what is wrong: of what asks for the least within it. */
export function fullRangeMs(expr: string): number {
  return Math.max(0, ...[...expr.matchAll(/min_over_time\([^[]*\[(\w+)\]/g)].map(([, range = '0ms']) => durationMs(range)));
}
