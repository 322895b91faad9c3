import { durationMs } from '@mainstay/config';
import { ValidationError } from '@mainstay/types';
import { type Command, InvalidArgumentError } from 'commander';
import type { RetentionView } from '../client/views.ts';
import { ago } from '../render/durations.ts';
import { counted, Progress } from '../render/progress.ts';
import type { Outcome, Session } from '../session.ts';
import { confirm } from '../watch/confirm.ts';
import type { Action } from './action.ts';
import { parseInteger } from './values.ts';

interface RunOptions {
  readonly olderThan?: number;
  readonly limit?: number;
  readonly dryRun?: true;
  readonly yes?: true;
}

const EXAMPLES = `
Examples:
  $ mainstay retention
  $ mainstay retention run --older-than 7d --dry-run
  $ mainstay retention run --older-than 12h --limit 10000 --yes`;

export function addRetention(program: Command, action: Action): void {
  const retention = program
    .command('retention')
    .summary('show how long finished runs are kept, or remove old ones')
    .description('Shows how long finished runs are kept, how many there are, and how many are old enough to be removed.')
    .addHelpText('after', EXAMPLES)
    .action(action(show));
  retention
    .command('run')
    .summary('remove old finished runs now')
    .description(
      'Removes finished runs of all tenants, the oldest first, with their events, checkpoints, decisions, dead letters and idempotency keys. They cannot be brought back.',
    )
    .option(
      '--older-than <age>',
      'runs that ended longer ago than this, such as 12h or 7d (default: what the installation keeps)',
      parseAge,
    )
    .option('--limit <number>', 'at most so many', parseInteger(1, 1_000_000_000))
    .option('--dry-run', 'show what would be removed and remove nothing')
    .option('--yes', 'do not ask')
    .addHelpText('after', EXAMPLES)
    .action(action(run));
}

async function show(session: Session): Promise<Outcome> {
  const view = await session.client.retention({ signal: session.signal });
  if (session.settings.json) {
    session.writeJson(view);
    return undefined;
  }
  const { keepDays, everyMinutes, finishedRuns, oldestEndedAt, removable } = view;
  session.write(
    keepDays === null
      ? 'finished runs are kept for ever'
      : `finished runs are kept for ${counted(keepDays, 'day')}; each orchestrator looks every ${counted(everyMinutes, 'minute')}`,
  );
  session.write(`there are about ${counted(finishedRuns, 'finished run')}${oldest(oldestEndedAt)}`);
  if (removable !== undefined) session.write(`${counted(removable, 'run')} old enough to be removed`);
  return undefined;
}

async function run(session: Session, { olderThan: olderThanMs, limit, dryRun, yes }: RunOptions): Promise<Outcome> {
  const view = await session.client.retention({ olderThanMs, signal: session.signal });
  const { endedBefore } = view;
  if (endedBefore === undefined) {
    throw new ValidationError('VALIDATION_FAILED', 'This installation keeps finished runs for ever: say what to remove with --older-than');
  }
  const wanted = Math.min(limit ?? Number.POSITIVE_INFINITY, view.removable ?? view.finishedRuns);
  if (dryRun === true || wanted === 0) {
    if (session.settings.json) session.writeJson({ endedBefore, wouldRemove: wanted, removed: 0 });
    else session.write(`${counted(wanted, 'run')} that ended before ${endedBefore} would be removed${oldest(view.oldestEndedAt)}`);
    return undefined;
  }
  await approve(session, yes === true, wanted, view);
  const removed = await removeAll(session, { olderThanMs, limit, wanted });
  if (session.settings.json) session.writeJson({ endedBefore, removed });
  else session.write(`removed ${counted(removed, 'run')}`);
  return undefined;
}

async function approve(session: Session, yes: boolean, wanted: number, { endedBefore = '' }: RetentionView): Promise<void> {
  if (yes) return;
  const question = `Remove ${counted(wanted, 'run')} that ended before ${endedBefore}, for good?`;
  if (!session.settings.live || session.io.stdin.isTTY !== true) {
    throw new ValidationError('VALIDATION_FAILED', `${question} Say so with --yes, or look first with --dry-run`);
  }
  await confirm(session.io, question);
}

interface Removal {
  readonly olderThanMs: number | undefined;
  readonly limit: number | undefined;
  readonly wanted: number;
}

/** Most that the server takes of one request. */
const MAX_PER_REQUEST = 100_000;

/** One request after the other, each of which removes for some seconds, until nothing is left or the limit is reached. */
async function removeAll(session: Session, { olderThanMs, limit = Number.POSITIVE_INFINITY, wanted }: Removal): Promise<number> {
  const progress = new Progress(session.io.stdout, session.settings.live);
  let removed = 0;
  try {
    for (let more = true; more && removed < limit;) {
      const request = { olderThanMs, limit: Math.min(MAX_PER_REQUEST, limit - removed) };
      const result = await session.client.removeFinishedRuns({ ...request, signal: session.signal });
      removed += result.removed;
      more = result.more && result.removed > 0;
      progress.show(`removed ${counted(removed, 'run')} of about ${wanted.toLocaleString('en')}`);
    }
  } finally {
    progress.end();
  }
  return removed;
}

function oldest(endedAt: string | undefined): string {
  return endedAt === undefined ? '' : `; the oldest ended ${ago(endedAt, Date.now())}`;
}

/** An age with its unit: without one, `7` would be seven milliseconds, and all runs older than that. */
function parseAge(text: string): number {
  const parsed = durationMs({ max: 36_500 * 86_400_000 }).safeParse(text);
  if (/[smhd]$/i.test(text) && parsed.success) return parsed.data;
  throw new InvalidArgumentError('Give an age with its unit, such as 90m, 12h or 7d.');
}
