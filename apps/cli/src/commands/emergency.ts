import type { Command } from 'commander';
import type { EmergencyView } from '../client/views.ts';
import { ago } from '../render/durations.ts';
import { cell } from '../render/line.ts';
import { clean } from '../render/text.ts';
import type { Outcome, Session } from '../session.ts';
import type { Action } from './action.ts';

interface ReasonOption {
  readonly reason: string;
}

const EXAMPLES = `
Examples:
  $ mainstay emergency on --reason 'the database is being moved'
  $ mainstay emergency status
  $ mainstay emergency off --reason 'moved'`;

export function addEmergency(program: Command, action: Action): void {
  const emergency = program
    .command('emergency')
    .summary('begin, end or show an emergency')
    .description(
      'While an emergency lasts, only work of high priority is taken: runs of priority 0 and below are refused, workers hand back what is of low priority. Orchestrators and workers go into one by themselves when they run out of memory, and come out again.',
    )
    .addHelpText('after', EXAMPLES);
  emergency
    .command('on')
    .summary('begin an emergency in all processes')
    .description('Begins an emergency in all orchestrators and workers. It lasts until somebody ends it.')
    .requiredOption('--reason <text>', 'why; it is kept in the log')
    .addHelpText('after', EXAMPLES)
    .action(action((session: Session, { reason }: ReasonOption) => set(session, true, reason)));
  emergency
    .command('off')
    .summary('end an emergency in all processes')
    .description('Ends an emergency in all orchestrators and workers, whatever began it. None begins by itself for a minute.')
    .option('--reason <text>', 'why; it is kept in the log', 'ended from the command line')
    .addHelpText('after', EXAMPLES)
    .action(action((session: Session, { reason }: ReasonOption) => set(session, false, reason)));
  emergency
    .command('status')
    .summary('show whether there is an emergency')
    .description('Shows whether the orchestrator is in an emergency, why, what was done, and what happened before.')
    .addHelpText('after', EXAMPLES)
    .action(action(status));
}

async function set(session: Session, active: boolean, reason: string): Promise<Outcome> {
  show(session, await session.client.setEmergency({ active, reason, signal: session.signal }));
  return undefined;
}

async function status(session: Session): Promise<Outcome> {
  show(session, await session.client.emergency({ signal: session.signal }));
  return undefined;
}

function show(session: Session, view: EmergencyView): void {
  if (session.settings.json) {
    session.writeJson(view);
    return;
  }
  const { active, process, triggers, score, memoryShare, leastPriority, recent } = view;
  session.writeLine([
    cell(active ? `EMERGENCY (${triggers.map(clean).join(', ')})` : 'no emergency', active ? 'bad' : 'good'),
    cell(` at ${clean(process)}: health ${score.toFixed(3)}, ${Math.round(100 * memoryShare)} % of memory`),
  ]);
  if (leastPriority !== 'low') session.writeLine([cell(`runs below priority ${clean(leastPriority)} are refused`, 'warn')]);
  const now = Date.now();
  for (const { change, at, triggers: why, reason, by, actions = [] } of recent) {
    const said = [...(by === undefined ? [] : [`by ${by}`]), ...(reason === undefined ? [] : [reason])].map(clean).join(': ');
    session.writeLine([cell(`${ago(at, now)}  ${clean(change)} (${why.map(clean).join(', ')})${said === '' ? '' : `  ${said}`}`, 'dim')]);
    for (const { action, result } of actions) {
      if (result !== 'absent') session.writeLine([cell(`    ${clean(action)}: ${clean(result)}`, result === 'failed' ? 'bad' : 'dim')]);
    }
  }
}
