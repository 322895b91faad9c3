import { type Command, InvalidArgumentError } from 'commander';
import type { AuditRecordView } from '../client/views.ts';
import { ago } from '../render/durations.ts';
import type { Outcome, Session } from '../session.ts';
import type { Action } from './action.ts';
import { parseDuration, parseInteger } from './values.ts';
import { writePage } from './write-page.ts';

interface AuditOptions {
  readonly action?: string;
  readonly actor?: string;
  readonly target?: string;
  /** ISO 8601. */
  readonly after?: string;
  readonly before?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

const EXAMPLES = `
Examples:
  $ mainstay audit --action dead-letter.discarded --limit 20
  $ mainstay audit --after 1d
  $ mainstay audit --target 01a20581-fab6-7993-a12f-6d9fcdc32a1e --json`;

/** audit: what was done, and by whom. */
export function addAudit(program: Command, action: Action): void {
  program
    .command('audit')
    .summary('list what was done, and by whom')
    .description("Lists the audit records of the key's tenant, the newest first.")
    .option('--action <action>', 'only this action, such as dead-letter.redriven')
    .option('--actor <actor>', 'only what this one did: key:ID, jwt:SUBJECT, admin or system')
    .option('--target <id>', 'only what was done to this')
    .option('--after <time>', 'only what was written after this time, or not longer ago than this (1d, 30m)', parseMoment)
    .option('--before <time>', 'only what was written before this time, or longer ago than this', parseMoment)
    .option('--limit <number>', 'at most so many (default: 50)', parseInteger(1, 500))
    .option('--cursor <cursor>', 'continues a listing')
    .addHelpText('after', EXAMPLES)
    .action(action(list));
}

async function list(session: Session, options: AuditOptions): Promise<Outcome> {
  const page = await session.client.audit({ ...options, signal: session.signal });
  const now = Date.now();
  const columns = [{ title: 'WHEN' }, { title: 'WHO' }, { title: 'ACTION' }, { title: 'TARGET' }, { title: 'DETAILS' }];
  writePage(session, page, columns, ({ at, actor, action, target, details }) => [
    ago(at, now),
    actor,
    action,
    target,
    detailsText(details),
  ]);
  return undefined;
}

function detailsText(details: AuditRecordView['details']): string {
  return Object.entries(details)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}

/** A time as ISO 8601, or a duration before now. */
function parseMoment(text: string): string {
  if (/^\d{4}-/.test(text)) {
    const at = Date.parse(text);
    if (!Number.isNaN(at)) return new Date(at).toISOString();
    throw new InvalidArgumentError('Give a time such as 2026-01-31T12:00:00Z, or a duration such as 1d.');
  }
  return new Date(Date.now() - parseDuration(text)).toISOString();
}
