import { percent } from '../../report/figure.ts';
import { below, type Report } from '../part.ts';

/** What two processes that have nothing to do cost. */
export interface IdleFigures {
  readonly seconds: number;
  /** Cores that were busy, by process; the servers' are told as well. */
  readonly cores: Readonly<Record<string, number>>;
  readonly transactionsPerSecond: number;
  /** Of a second look of {@link statementSeconds}, in which Postgres logged each. */
  readonly statementsPerSecond: number;
  readonly statementSeconds: number;
  /** Statements by their beginning, per second, the most frequent first. */
  readonly statements: Readonly<Record<string, number>>;
  /** Redis commands per second, the most frequent first. */
  readonly commands: Readonly<Record<string, number>>;
}

const MOST_CPU = 0.01;
const MOST_STATEMENTS = 5;
const LONGEST = 12;

export function idleReport({ seconds, cores, commands, statements, ...figures }: IdleFigures): Report {
  const own = (cores['orchestrator'] ?? 0) + (cores['worker'] ?? 0);
  const perSecond = (value: number): string => value.toFixed(2);
  const allCommands = Object.values(commands).reduce((sum, value) => sum + value, 0);
  const rows = (counts: Readonly<Record<string, number>>): string[][] =>
    Object.entries(counts)
      .slice(0, LONGEST)
      .map(([name, value]) => [name, perSecond(value)]);
  return {
    tables: [
      {
        title: `CPU in ${seconds.toFixed(0)} s without work, of one core`,
        rows: [['process', 'CPU'], ...Object.entries(cores).map(([name, value]) => [name, `${(100 * value).toFixed(2)} %`])],
      },
      {
        title: `Postgres: ${perSecond(figures.transactionsPerSecond)} transactions/s (pg_stat_database); ${perSecond(figures.statementsPerSecond)} statements/s (its log, in ${figures.statementSeconds} s thereafter)`,
        rows: [['statement', 'per second'], ...rows(statements)],
      },
      { title: `Redis: ${perSecond(allCommands)} commands/s (commandstats)`, rows: [['command', 'per second'], ...rows(commands)] },
    ],
    demands: [
      below(`CPU of orchestrator and worker together < ${percent(MOST_CPU)}`, own, MOST_CPU, (value) => `${(100 * value).toFixed(2)} %`),
      below(`statements/s < ${MOST_STATEMENTS}`, figures.statementsPerSecond, MOST_STATEMENTS, perSecond),
    ],
  };
}
