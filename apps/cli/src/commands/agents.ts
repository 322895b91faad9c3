import type { Command } from 'commander';
import { ago } from '../render/durations.ts';
import { cell } from '../render/line.ts';
import { tableLines } from '../render/table.ts';
import { clean } from '../render/text.ts';
import type { Outcome, Session } from '../session.ts';
import type { Action } from './action.ts';
import { terminalWidth } from './write-page.ts';

export function addAgents(program: Command, action: Action): void {
  program
    .command('agents')
    .summary('show workers and the kinds of agents they offer')
    .description('Shows the live workers, the kinds of agents they offer, and kinds that runs wait for in vain.')
    .addHelpText('after', '\nExamples:\n  $ mainstay agents\n  $ mainstay agents --json | jq ".kinds[].kind"')
    .action(action(agents));
}

async function agents(session: Session): Promise<Outcome> {
  const view = await session.client.agents({ signal: session.signal });
  if (session.settings.json) {
    session.writeJson(view);
    return undefined;
  }
  const now = Date.now();
  const width = terminalWidth(session);
  const workers = view.workers.map(({ name, running, capacity, draining, kinds, lastHeartbeatAt }) => [
    name,
    `${running}/${capacity}`,
    draining ? 'draining' : 'live',
    ago(lastHeartbeatAt, now),
    String(kinds.length),
  ]);
  const kinds = view.kinds.map(({ kind, workers: count, description = '' }) => [kind, String(count), description]);
  if (workers.length === 0) session.hint('no live workers');
  else
    for (const line of tableLines(
      [
        { title: 'WORKER' },
        { title: 'RUNNING', align: 'right' },
        { title: 'STATE' },
        { title: 'HEARTBEAT' },
        { title: 'KINDS', align: 'right' },
      ],
      workers,
      width,
    ))
      session.writeLine(line);
  if (kinds.length > 0) {
    session.write('');
    for (const line of tableLines([{ title: 'KIND' }, { title: 'WORKERS', align: 'right' }, { title: 'DESCRIPTION' }], kinds, width))
      session.writeLine(line);
  }
  for (const { agent, waiting, since } of view.missing) {
    session.writeLine([cell(`missing: ${clean(agent)}, ${waiting} waiting (noticed ${ago(since, now)})`, 'warn')]);
  }
  return undefined;
}
