import { ValidationError } from '@mainstay/types';
import { type Command, Option } from 'commander';
import type { DeadLetterQuery } from '../client/mainstay-client.ts';
import type { DeadLetterView } from '../client/views.ts';
import { ago } from '../render/durations.ts';
import type { Outcome, Session } from '../session.ts';
import type { Action } from './action.ts';
import { redriveAll } from './redrive-all.ts';
import { parseInteger, readInput } from './values.ts';
import { writePage } from './write-page.ts';

interface ListOptions extends DeadLetterQuery {
  readonly status?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

interface RedriveOptions extends DeadLetterQuery {
  readonly input?: string;
  readonly all?: true;
  readonly limit?: number;
}

const ID = '01a20581-fab6-7993-a12f-6d9fcdc32a1e';
const STATUSES = ['waiting', 'redriven', 'discarded'];

const EXAMPLES = `
Examples:
  $ mainstay dead-letters list --status waiting --pipeline review --limit 20
  $ mainstay dead-letters show ${ID}
  $ mainstay dead-letters redrive "$ID" --input @corrected.json
  $ mainstay dead-letters redrive --all --pipeline review --code AGENT_FAILED
  $ mainstay dead-letters discard "$ID" --reason "the file is gone"`;

/** dead-letters, with what can be done to them, and redrive, short for dead-letters redrive. */
export function addDeadLetters(program: Command, action: Action): void {
  const letters = program
    .command('dead-letters')
    .summary('list tasks that failed for good, look at one, redrive or discard them')
    .description('Lists tasks that failed for good, the newest first.')
    .addHelpText('after', EXAMPLES);
  const list = letters
    .command('list', { isDefault: true })
    .summary('list them')
    .description('Lists tasks that failed for good, the newest first.');
  withFilter(list)
    .addOption(new Option('--status <status>', 'only those that are waiting, redriven or discarded').choices(STATUSES))
    .option('--limit <number>', 'at most so many (default: 50)', parseInteger(1, 500))
    .option('--cursor <cursor>', 'continues a listing')
    .addHelpText(
      'after',
      '\nExamples:\n  $ mainstay dead-letters --limit 10\n  $ mainstay dead-letters list --pipeline review --status waiting',
    )
    .action(action(listLetters));
  letters
    .command('show')
    .summary('show one with its input and its error')
    .description('Shows a dead letter with its input and its error.')
    .argument('<dead-letter>', 'id of the dead letter')
    .action(action(show));
  addRedrive(letters.command('redrive'), action, 'dead-letters redrive');
  letters
    .command('discard')
    .summary('give up dead tasks')
    .description('Gives up dead tasks: they are kept with the reason, and not redriven any more. Their runs stay as they are.')
    .argument('<dead-letters...>', 'ids of dead letters')
    .requiredOption('--reason <text>', 'why, for the record')
    .addHelpText('after', `\nExamples:\n  $ mainstay dead-letters discard ${ID} --reason "the file is gone"`)
    .action(action(discard));
  addRedrive(program.command('redrive'), action, 'redrive');
}

function addRedrive(command: Command, action: Action, name: string): void {
  withFilter(command)
    .summary('try a dead task again, or many')
    .description(
      'Tries a task that failed for good again; its run goes on. With --input, it gets that instead of its own input. With --all and options that say which, tries all that wait.',
    )
    .argument('[dead-letter]', 'id of the dead letter')
    .option('-i, --input <json>', 'input: JSON, @file, or - for standard input')
    .option('--all', 'all that wait and match')
    .option('--limit <number>', 'with --all: at most so many', parseInteger(1, 1_000_000_000))
    .addHelpText(
      'after',
      `\nExamples:\n  $ mainstay ${name} ${ID}\n  $ mainstay ${name} "$ID" --input @corrected.json\n  $ mainstay ${name} --all --pipeline review --code AGENT_FAILED`,
    )
    .action(action(redrive));
}

function withFilter(command: Command): Command {
  return command
    .option('--run <run>', 'only those of this run')
    .option('--pipeline <name>', 'only those of this pipeline')
    .option('--stage <stage>', 'only those of this stage')
    .option('--agent <kind>', 'only those of this kind of agent')
    .option('--code <code>', 'only those with this error code');
}

async function listLetters(session: Session, options: ListOptions): Promise<Outcome> {
  const page = await session.client.deadLetters({ ...options, signal: session.signal });
  const now = Date.now();
  const columns = [
    { title: 'DEAD LETTER' },
    { title: 'PIPELINE' },
    { title: 'STAGE' },
    { title: 'TRIES', align: 'right' as const },
    { title: 'DIED' },
    { title: 'STATUS' },
    { title: 'ERROR' },
  ];
  writePage(session, page, columns, (letter) => {
    const { id, pipeline, stage, attempt, at, error } = letter;
    return [id, pipeline, stage, String(attempt), ago(at, now), statusOf(letter, now), `${error.code}: ${error.message}`];
  });
  return undefined;
}

function statusOf({ redrivenAt, discardedAt }: DeadLetterView, now: number): string {
  if (redrivenAt !== undefined) return `redriven ${ago(redrivenAt, now)}`;
  return discardedAt === undefined ? 'waiting' : `discarded ${ago(discardedAt, now)}`;
}

async function show(session: Session, id: string): Promise<Outcome> {
  const letter = await session.client.deadLetter(id, { signal: session.signal });
  if (session.settings.json) {
    session.writeJson(letter);
    return undefined;
  }
  const now = Date.now();
  session.write(`dead letter ${letter.id}: ${statusOf(letter, now)}`);
  if (letter.discardReason !== undefined) session.write(`given up by ${letter.discardedBy ?? 'somebody'}: ${letter.discardReason}`);
  session.write(`stage ${letter.stage} (${letter.agent}) of run ${letter.run}, pipeline ${letter.pipeline}`);
  session.write(`died ${ago(letter.at, now)} after ${String(letter.attempt)} tries`);
  session.write(`error ${JSON.stringify(letter.error, null, 2)}`);
  session.write(`input ${JSON.stringify(letter.input, null, 2)}`);
  return undefined;
}

async function redrive(session: Session, id: string | undefined, options: RedriveOptions): Promise<Outcome> {
  const { input: source, all, limit, ...filter } = options;
  const isFiltered = limit !== undefined || Object.values(filter).some((value) => value !== undefined);
  if ((id === undefined) !== (all === true) || (all === true ? source !== undefined : isFiltered)) {
    throw new ValidationError(
      'VALIDATION_FAILED',
      'Give the id of a dead letter, with or without --input, or --all with options that say which',
    );
  }
  if (id === undefined) return await redriveAll(session, filter, limit);
  const input = source === undefined ? undefined : await readInput('--input', source, session.io);
  const run = await session.client.redrive(id, { input, signal: session.signal });
  if (session.settings.json) session.writeJson(run);
  else if (!session.settings.quiet) session.write(`run ${run.id} is ${run.status}`);
  session.hint(`Watch it with: mainstay watch ${run.id}`);
  return undefined;
}

async function discard(session: Session, ids: readonly string[], { reason }: { readonly reason: string }): Promise<Outcome> {
  const discarded: DeadLetterView[] = [];
  for (const id of ids) {
    discarded.push(await session.client.discard(id, reason, { signal: session.signal }));
    if (!session.settings.json && !session.settings.quiet) session.write(`discarded ${id}`);
  }
  if (session.settings.json) session.writeJson(discarded);
  return undefined;
}
