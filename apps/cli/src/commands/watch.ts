import type { Command } from 'commander';
import type { Outcome, Session } from '../session.ts';
import type { Action } from './action.ts';
import { showOutput } from './run.ts';
import { follow } from './start-and-watch.ts';
import { parseDuration } from './values.ts';

export function addWatch(program: Command, action: Action): void {
  program
    .command('watch')
    .summary('watch a run to its end')
    .description(
      'Shows a run from its beginning to its end. Ctrl-C detaches and leaves the run alone. With --json: one event per line, then the run.',
    )
    .argument('<run>', 'id of the run')
    .option('--timeout <duration>', 'stop watching after this time, such as 10m (the run goes on)', parseDuration)
    .addHelpText(
      'after',
      '\nExamples:\n  $ mainstay watch 01a20581-de15-7bbf-81a0-140da504e65a\n  $ mainstay watch "$RUN" --timeout 5m && echo succeeded',
    )
    .action(action(watch));
}

async function watch(session: Session, id: string, options: { readonly timeout?: number }): Promise<Outcome> {
  return await follow(session, id, { ...options, ask: false, jsonLines: true }, (run) => showOutput(session, run));
}
