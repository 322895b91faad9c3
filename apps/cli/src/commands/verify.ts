import { INVARIANTS, type InvariantCode, verify, type VerifyReport } from '@mainstay/verify';
import type { Command } from 'commander';
import { EXIT } from '../exit-codes.ts';
import { databaseAddress } from '../database-address.ts';
import { cell } from '../render/line.ts';
import { counted } from '../render/progress.ts';
import { tableLines } from '../render/table.ts';
import type { Outcome, Session } from '../session.ts';
import type { Action } from './action.ts';
import { parseInteger } from './values.ts';
import { VerifyDisplay } from './verify-display.ts';
import { terminalWidth } from './write-page.ts';

interface VerifyCommandOptions {
  readonly database?: string;
  readonly limit: number;
}

export function addVerify(program: Command, action: Action): void {
  program
    .command('verify')
    .summary('check every invariant of a database')
    .description(
      'Checks the database of an installation: events without gaps, no task succeeded twice, final runs that are complete, states that follow from the events, sums and slots. Reads one snapshot, changes nothing, and may run while the system works. The exit code is 1 when something is wrong.',
    )
    .option('--database <url>', 'address of Postgres (default: DATABASE_URL, else that of npm start in the data folder)')
    .option('--limit <number>', 'tell of so many findings; all are counted', parseInteger(1, 100_000), 1_000)
    .addHelpText('after', `\nExamples:\n  $ mainstay verify\n  $ mainstay verify --database postgres://user:password@host/mainstay --json`)
    .action(action(runVerify));
}

async function runVerify(session: Session, { database, limit }: VerifyCommandOptions): Promise<Outcome> {
  const display = new VerifyDisplay(session);
  const report = await verify({
    url: databaseAddress(session.io, database),
    maxFindings: limit,
    signal: session.signal,
    onProgress: (progress) => display.progress(progress),
    onFinding: (finding) => display.finding(finding),
  }).finally(() => display.end());
  if (session.settings.json) session.writeJson(report);
  else writeReport(session, report);
  return report.ok ? EXIT.succeeded : EXIT.failed;
}

function writeReport(session: Session, report: VerifyReport): void {
  const { ok, runs, events, tasks, repeatedAttempts, outputsCompared, tookMs, runsByStatus } = report;
  const states = Object.entries(runsByStatus).map(([status, n]) => `${n.toLocaleString('en')} ${status}`);
  session.hint(
    `${counted(runs, 'run')}${states.length === 0 ? '' : ` (${states.join(', ')})`}, ${counted(tasks, 'task')}, ${counted(events, 'event')}; ${counted(repeatedAttempts, 'repeated attempt')}; ${counted(outputsCompared, 'output')} compared; ${(tookMs / 1_000).toFixed(1)} s`,
  );
  if (ok) {
    session.writeLine([cell('every invariant holds', 'good')]);
    return;
  }
  const found = Object.entries(report.found) as [InvariantCode, number][];
  const columns = [{ title: 'FINDING' }, { title: 'TIMES', align: 'right' as const }, { title: 'WHAT SHOULD HOLD' }];
  const rows = found.map(([code, n]) => [code, n.toLocaleString('en'), INVARIANTS[code]]);
  for (const line of tableLines(columns, rows, terminalWidth(session))) session.writeLine(line);
}
