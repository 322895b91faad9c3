import type { Command } from 'commander';
import type { RunAction } from '../client/mainstay-client.ts';
import type { Session } from '../session.ts';
import type { Action } from './action.ts';

const ACTIONS: readonly { readonly name: RunAction; readonly summary: string; readonly description: string }[] = [
  {
    name: 'cancel',
    summary: 'cancel a run',
    description: 'Cancels a run. Work that runs is told to stop; nothing that it still delivers counts.',
  },
  { name: 'pause', summary: 'pause a run', description: 'Pauses a run. Work that runs goes on to its end; nothing further begins.' },
  { name: 'resume', summary: 'resume a paused run', description: 'Lets a paused run go on where it was.' },
  {
    name: 'retry',
    summary: 'retry a failed or cancelled run',
    description: 'Tries a failed or cancelled run again. What succeeded stays.',
  },
];

/** cancel, pause, resume and retry. */
export function addRunActions(program: Command, action: Action): void {
  for (const { name, summary, description } of ACTIONS) {
    const command = program.command(name).summary(summary).description(description).argument('<run>', 'id of the run');
    if (name === 'cancel') command.option('--reason <text>', 'why, for the record');
    const reason = name === 'cancel' ? ' --reason "no longer needed"' : '';
    command.addHelpText('after', `\nExamples:\n  $ mainstay ${name} 01a20581-de15-7bbf-81a0-140da504e65a${reason}`);
    command.action(
      action(async (session: Session, id: string, options: { readonly reason?: string }) => {
        const run = await session.client.act(id, name, { reason: options.reason, signal: session.signal });
        if (session.settings.json) session.writeJson(run);
        else if (!session.settings.quiet) session.write(`run ${run.id} is ${run.status}`);
        return undefined;
      }),
    );
  }
}
