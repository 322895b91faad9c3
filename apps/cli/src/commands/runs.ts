import type { Command } from 'commander';
import type { RunSummary } from '../client/views.ts';
import { ago, duration } from '../render/durations.ts';
import { timeOf } from '../render/run-model.ts';
import { lookOf } from '../render/symbols.ts';
import type { Outcome, Session } from '../session.ts';
import type { Action } from './action.ts';
import { writePage } from './write-page.ts';
import { parseInteger } from './values.ts';

interface RunsOptions {
  readonly status?: string;
  readonly pipeline?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

export function addRuns(program: Command, action: Action): void {
  program
    .command('runs')
    .summary('list runs')
    .description('Lists runs, the newest first.')
    .option('--status <status>', 'queued, running, waiting, paused, suspended, succeeded, failed or cancelled')
    .option('--pipeline <name>', 'only runs of this pipeline')
    .option('--limit <number>', 'at most so many (default: 20)', parseInteger(1, 500))
    .option('--cursor <cursor>', 'continues a listing')
    .addHelpText('after', '\nExamples:\n  $ mainstay runs --status failed --limit 5\n  $ mainstay runs --pipeline review --json')
    .action(action(runs));
}

async function runs(session: Session, options: RunsOptions): Promise<Outcome> {
  const page = await session.client.runs({ limit: 20, ...options, signal: session.signal });
  const now = Date.now();
  const tone = (status: string) => lookOf(status, now).tone;
  writePage(
    session,
    page,
    [
      { title: 'RUN' },
      { title: 'PIPELINE' },
      { title: 'STATUS', tone },
      { title: 'TOOK', align: 'right' },
      { title: 'CREATED' },
      { title: 'ERROR' },
    ],
    (run) => [run.id, `${run.pipeline} v${run.version}`, run.status, took(run, now), ago(run.createdAt, now), run.error?.message ?? ''],
  );
  return undefined;
}

function took({ startedAt, finishedAt }: RunSummary, now: number): string {
  const start = timeOf(startedAt);
  return start === undefined ? '' : duration((timeOf(finishedAt) ?? now) - start);
}
