import type { Command } from 'commander';
import { cell } from '../render/line.ts';
import { clean } from '../render/text.ts';
import type { Outcome, Session } from '../session.ts';
import type { Action } from './action.ts';
import { parseDuration } from './values.ts';

interface LevelOptions {
  readonly for?: number;
  readonly process?: string;
}

const EXAMPLES = `
Examples:
  $ mainstay log-level debug --for 10m
  $ mainstay log-level trace --for 90s --process worker-build-1-4711-0a1b2c3d
  $ mainstay log-level default`;

export function addLogLevel(program: Command, action: Action): void {
  program
    .command('log-level')
    .summary('change what all processes log, or one')
    .description(
      'Changes the least severe level that is logged, in all orchestrators and workers, or in one: trace, debug, info, warn, error, fatal, silent, or default, which is that of the configuration. Processes that come while it holds hear of it too.',
    )
    .argument('<level>', 'the level')
    .option('--for <duration>', 'go back by itself after this time, such as 10m (default: it stays until the next change)', parseDuration)
    .option('--process <name>', 'only this process, as mainstay agents names it')
    .addHelpText('after', EXAMPLES)
    .action(action(logLevel));
}

async function logLevel(session: Session, wanted: string, { for: forMs, process }: LevelOptions): Promise<Outcome> {
  const forSeconds = forMs === undefined ? undefined : Math.max(1, Math.round(forMs / 1_000));
  const view = await session.client.setLogLevel({ level: wanted, forSeconds, process, signal: session.signal });
  if (session.settings.json) {
    session.writeJson(view);
    return undefined;
  }
  const { level, previous, until, scope } = view;
  const where = scope === 'all' ? 'all processes' : clean(view.process);
  const end = until === undefined ? '' : ` until ${clean(until)}`;
  session.writeLine([cell(`${where}: ${clean(level)}`, 'good'), cell(`${end} (${clean(view.process)} had ${clean(previous)})`, 'dim')]);
  return undefined;
}
