import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ValidationError } from '@mainstay/types';
import type { Command } from 'commander';
import { z } from 'zod';
import type { RunView } from '../client/views.ts';
import { reviewLines } from '../render/review-report.ts';
import type { Outcome, Session } from '../session.ts';
import { type FollowChoices, startAndWatch } from './start-and-watch.ts';
import type { Action } from './action.ts';
import { parseDuration, readJsonFile, reasonOf } from './values.ts';

const named = z.looseObject({ name: z.string() });

export function addReview(program: Command, action: Action): void {
  program
    .command('review')
    .summary('review a folder, a git repository or a file')
    .description(
      'Reviews a folder, a git repository or a single file: findings of linters, leaked secrets, duplicated code, dependencies, a score with reasons, and a report.',
    )
    .argument('<path>', 'what to review')
    .option('-y, --yes', 'answer questions with their default, or accept')
    .option('--timeout <duration>', 'stop watching after this time, such as 10m (the run goes on)', parseDuration)
    .option('--detach', 'start the run and return at once')
    .addHelpText(
      'after',
      '\nExamples:\n  $ mainstay review .\n  $ mainstay review ../my-project --yes --timeout 10m\n  $ mainstay review src --json > review.json',
    )
    .action(action(review));
}

async function review(session: Session, path: string, choices: FollowChoices): Promise<Outcome> {
  const target = resolve(session.io.cwd, path);
  if (isLoopback(session.settings.url)) await requireExisting(target);
  const definition = named.parse(await readJsonFile(reviewPipeline(), 'the review pipeline'));
  await session.client.putPipeline(definition.name, definition, { allowUnknownAgents: true, signal: session.signal });
  return await startAndWatch(session, { pipeline: definition.name, input: { path: target } }, choices, (run) => showReview(session, run));
}

function showReview(session: Session, run: RunView): void {
  for (const line of reviewLines(run, (path) => pathToFileURL(path).href)) session.writeLine(line);
}

/** The agents' project keeps the pipeline beside its sources. */
function reviewPipeline(): string {
  return fileURLToPath(new URL('../../../agents/pipelines/review.json', import.meta.url));
}

/** Only then the server sees the same files. */
function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname.startsWith('127.') || hostname === '[::1]';
}

async function requireExisting(path: string): Promise<void> {
  try {
    await stat(path);
  } catch (error) {
    throw new ValidationError('VALIDATION_FAILED', `${path} cannot be reviewed: ${reasonOf(error)}`, { cause: error });
  }
}
