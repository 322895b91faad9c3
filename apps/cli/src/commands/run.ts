import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { ValidationError } from '@mainstay/types';
import type { Command } from 'commander';
import type { RunView } from '../client/views.ts';
import type { Outcome, Session } from '../session.ts';
import type { Action } from './action.ts';
import { putFile } from './put-file.ts';
import { type FollowChoices, startAndWatch } from './start-and-watch.ts';
import { parseDuration, parseInteger, readInput } from './values.ts';

interface RunOptions extends FollowChoices {
  readonly input?: string;
  readonly priority?: number;
  readonly idempotencyKey?: string;
  readonly version?: number;
}

export function addRun(program: Command, action: Action): void {
  program
    .command('run')
    .summary('start a run and watch it')
    .description('Starts a run of a pipeline, by its name or from a file with its definition (which is stored first), and watches it.')
    .argument('<pipeline>', 'name of a pipeline, or a JSON file with a definition')
    .option('-i, --input <json>', 'input: JSON, @file, or - for standard input (default: {})')
    .option('--priority <number>', '-100 (last) to 100 (first)', parseInteger(-100, 100))
    .option('--idempotency-key <key>', 'the same key with the same request never starts a second run')
    .option('--version <number>', 'version of the pipeline (default: the newest)', parseInteger(1, 2_147_483_647))
    .option('-y, --yes', 'answer questions with their default, or accept')
    .option('--timeout <duration>', 'stop watching after this time, such as 10m (the run goes on)', parseDuration)
    .option('--detach', 'start the run and return at once')
    .addHelpText(
      'after',
      '\nExamples:\n  $ mainstay run greet --input \'{"name":"Ada"}\'\n  $ mainstay run ./pipeline.json --input @input.json\n  $ cat input.json | mainstay run greet --input - --json\n  $ mainstay run nightly --detach --idempotency-key "nightly-$(date +%F)"',
    )
    .action(action(run));
}

async function run(session: Session, pipeline: string, options: RunOptions): Promise<Outcome> {
  const input = options.input === undefined ? undefined : await readInput('--input', options.input, session.io);
  const file = resolve(session.io.cwd, pipeline);
  const isFile = /\.json$|[\\/]/.test(pipeline);
  if (isFile && !existsSync(file)) throw new ValidationError('VALIDATION_FAILED', `There is no file ${file}`);
  const stored = isFile ? await putFile(session, file) : { name: pipeline, version: undefined };
  const { priority, version = stored.version } = options;
  return await startAndWatch(session, { pipeline: stored.name, input, priority, version }, options, (ended) => showOutput(session, ended));
}

export function showOutput(session: Session, { output }: RunView): void {
  session.writeJson(output ?? null);
}
