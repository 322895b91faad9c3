import type { YamlValue } from '../yaml.ts';

/** While `cause` fires, nobody is told of its `symptoms`. */
export interface Inhibition {
  readonly cause: string;
  readonly symptoms: readonly string[];
  /** Labels that both must share; default: none, the cause stands for the whole installation. */
  readonly equal?: readonly string[];
}

const API_SUFFERS = ['HighErrorRate', 'HighLatency', 'ApiAvailabilityBurns.*', 'ApiLatencyBurns.*'];
const WORK_SUFFERS = ['NoProgress', 'StalledRuns', 'TasksWaitLong', 'StartDelayBurns.*', 'HealthLow', 'DependencyUnreachable'];

/** Burns that nobody is woken for. */
const slow = (objective: string): readonly string[] => [`${objective}BurnsSlow`, `${objective}BurnsCreeping`];

/**
 * Patterns of names of alerts, matched in full. Alertmanager does not tell of the end of a symptom that was told before and ends while its cause
 * lasts: an incident would stay open. So no symptom is told before its cause fires where both begin at once, and none is more urgent
 * than its cause. A full pool, which may look like a Postgres that is down, is no symptom of it; that nobody offers a kind ends before work
 * advances again, and is no symptom of that either.
 */
export const inhibitions: readonly Inhibition[] = [
  {
    cause: 'PostgresDown',
    symptoms: [...API_SUFFERS, ...WORK_SUFFERS, 'SlowStatements', 'SlowCommits', 'LeaseLosses', 'StaleResults', 'AuditRecordsWait'],
  },
  { cause: 'RedisDown', symptoms: [...WORK_SUFFERS, 'NoWorkers', 'RedisCallsFail', 'LeaseLosses', 'StaleResults'] },
  {
    cause: 'ConnectionPoolExhausted',
    symptoms: ['HighErrorRate', 'HighLatency', ...slow('ApiAvailability'), ...slow('ApiLatency'), 'SlowCommits'],
  },
  { cause: 'SlowStatements', symptoms: ['SlowCommits'] },
  { cause: 'NoWorkers', symptoms: ['TasksWaitLong', 'StalledRuns', ...slow('StartDelay')] },
  { cause: 'NoProgress', symptoms: ['TasksWaitLong', 'StalledRuns', ...slow('StartDelay')] },
  { cause: 'ProcessDown', symptoms: ['ProcessRestarts', 'LeaseLosses', 'StaleResults'] },
  { cause: 'Emergency', symptoms: ['HealthLow', 'HeapNearLimit', 'EventLoopLag', 'EventLoopBusy'], equal: ['instance'] },
  { cause: 'EventLoopLag', symptoms: ['EventLoopBusy'], equal: ['instance'] },
  { cause: 'HeapNearLimit', symptoms: ['HealthLow'], equal: ['instance'] },
];

/** All of them for Alertmanager: causes over symptoms, then what is more urgent over what is less of the same thing. */
export function inhibitRules(): YamlValue {
  const causes = inhibitions.map(({ cause, symptoms, equal = [] }) => ({
    source_matchers: [`alertname="${cause}"`],
    target_matchers: [`alertname=~"${symptoms.join('|')}"`],
    ...(equal.length === 0 ? {} : { equal }),
  }));
  const urgencies = [
    ['critical', 'error|warning|info'],
    ['error', 'warning|info'],
    ['warning', 'info'],
  ].flatMap(([more = '', less = '']) => [
    // Labels that both lack count as equal: the label must be there.
    ...['slo', 'instance'].map((label) => ({
      source_matchers: [`severity="${more}"`, `${label}!=""`],
      target_matchers: [`severity=~"${less}"`, `${label}!=""`],
      equal: label === 'slo' ? ['slo'] : ['alertname', 'instance'],
    })),
  ]);
  return [...causes, ...urgencies];
}
