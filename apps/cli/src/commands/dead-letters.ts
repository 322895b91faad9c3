import type { Command } from 'commander';
import { ago } from '../render/durations.ts';
import type { Outcome, Session } from '../session.ts';
import type { Action } from './action.ts';
import { parseInteger, readInput } from './values.ts';
import { writePage } from './write-page.ts';

/** dead-letters and redrive. */
export function addDeadLetters(program: Command, action: Action): void {
  program
    .command('dead-letters')
    .summary('list tasks that failed for good')
    .description('Lists tasks that failed for good, the newest first.')
    .option('--limit <number>', 'at most so many (default: 50)', parseInteger(1, 500))
    .option('--cursor <cursor>', 'continues a listing')
    .addHelpText('after', '\nExamples:\n  $ mainstay dead-letters --limit 10')
    .action(action(list));
  program
    .command('redrive')
    .summary('try a dead task again')
    .description('Tries a task that failed for good again; its run goes on. With --input, it gets that instead of its own input.')
    .argument('<dead-letter>', 'id of the dead letter')
    .option('-i, --input <json>', 'input: JSON, @file, or - for standard input')
    .addHelpText(
      'after',
      '\nExamples:\n  $ mainstay redrive 01a20581-fab6-7993-a12f-6d9fcdc32a1e\n  $ mainstay redrive "$ID" --input @corrected.json',
    )
    .action(action(redrive));
}

async function list(session: Session, options: { readonly limit?: number; readonly cursor?: string }): Promise<Outcome> {
  const page = await session.client.deadLetters({ ...options, signal: session.signal });
  const now = Date.now();
  const columns = [
    { title: 'DEAD LETTER' },
    { title: 'PIPELINE' },
    { title: 'STAGE' },
    { title: 'TRIES', align: 'right' as const },
    { title: 'DIED' },
    { title: 'REDRIVEN' },
    { title: 'ERROR' },
  ];
  writePage(session, page, columns, ({ id, pipeline, stage, attempt, at, redrivenAt, error }) => [
    id,
    pipeline,
    stage,
    String(attempt),
    ago(at, now),
    redrivenAt === undefined ? 'no' : ago(redrivenAt, now),
    `${error.code}: ${error.message}`,
  ]);
  return undefined;
}

async function redrive(session: Session, id: string, options: { readonly input?: string }): Promise<Outcome> {
  const input = options.input === undefined ? undefined : await readInput('--input', options.input, session.io);
  const run = await session.client.redrive(id, { input, signal: session.signal });
  if (session.settings.json) session.writeJson(run);
  else if (!session.settings.quiet) session.write(`run ${run.id} is ${run.status}`);
  session.hint(`Watch it with: mainstay watch ${run.id}`);
  return undefined;
}
