import { resolve } from 'node:path';
import type { Command } from 'commander';
import { ago } from '../render/durations.ts';
import type { Outcome, Session } from '../session.ts';
import type { Action } from './action.ts';
import { putFile } from './put-file.ts';
import { parseInteger } from './values.ts';
import { writePage } from './write-page.ts';

/** pipelines and put. */
export function addPipelines(program: Command, action: Action): void {
  program
    .command('pipelines')
    .summary('list pipelines')
    .description('Lists pipelines in their newest versions, by name.')
    .option('--limit <number>', 'at most so many (default: 50)', parseInteger(1, 500))
    .option('--cursor <cursor>', 'continues a listing')
    .addHelpText('after', '\nExamples:\n  $ mainstay pipelines')
    .action(action(list));
  program
    .command('put')
    .summary('store a pipeline definition')
    .description('Stores a pipeline definition. One that differs from the newest version becomes a new version.')
    .argument('<file>', 'JSON file with the definition')
    .option('--allow-unknown-agents', 'accept kinds of agents that no worker has ever offered')
    .addHelpText('after', '\nExamples:\n  $ mainstay put ./pipeline.json')
    .action(action(put));
}

async function list(session: Session, options: { readonly limit?: number; readonly cursor?: string }): Promise<Outcome> {
  const page = await session.client.pipelines({ ...options, signal: session.signal });
  const now = Date.now();
  const columns = [
    { title: 'PIPELINE' },
    { title: 'VERSION', align: 'right' as const },
    { title: 'STAGES', align: 'right' as const },
    { title: 'STORED' },
    { title: 'DESCRIPTION' },
  ];
  writePage(session, page, columns, ({ name, version, stages, createdAt, description = '' }) => [
    name,
    String(version),
    String(stages),
    ago(createdAt, now),
    description,
  ]);
  return undefined;
}

async function put(session: Session, file: string, options: { readonly allowUnknownAgents?: true }): Promise<Outcome> {
  const stored = await putFile(session, resolve(session.io.cwd, file), options.allowUnknownAgents ?? false);
  if (session.settings.json) session.writeJson(stored);
  else if (!session.settings.quiet) session.write(`pipeline ${stored.name} is at version ${stored.version}`);
  return undefined;
}
