import { Option, type Command } from 'commander';
import { ago, countdown } from '../render/durations.ts';
import { timeOf } from '../render/run-model.ts';
import { answerText } from '../render/run-screen.ts';
import type { Outcome, Session } from '../session.ts';
import type { Action } from './action.ts';
import { parseAnswer, parseInteger } from './values.ts';
import { writePage } from './write-page.ts';

interface ListOptions {
  readonly status: string;
  readonly run?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

/** decisions and decide. */
export function addDecisions(program: Command, action: Action): void {
  program
    .command('decisions')
    .summary('list questions that wait for an answer')
    .description('Lists questions that runs wait on.')
    .addOption(new Option('--status <status>', 'open or answered').choices(['open', 'answered']).default('open'))
    .option('--run <run>', 'only those of this run')
    .option('--limit <number>', 'at most so many (default: 50)', parseInteger(1, 500))
    .option('--cursor <cursor>', 'continues a listing')
    .addHelpText('after', '\nExamples:\n  $ mainstay decisions\n  $ mainstay decisions --status answered --json')
    .action(action(list));
  program
    .command('decide')
    .summary('answer a question')
    .description('Answers a question that a run waits on. The answer is read as JSON where it is JSON, else it is taken as text.')
    .argument('<decision>', 'id of the decision')
    .argument('<answer>', 'the answer')
    .option('--comment <text>', 'why, for the record')
    .addHelpText(
      'after',
      '\nExamples:\n  $ mainstay decide 01a20581-fab6-7993-a12f-6d9fcdc32a1e accept --comment "a test fixture"\n  $ mainstay decide "$ID" \'{"limit":5}\'',
    )
    .action(action(decide));
}

async function list(session: Session, options: ListOptions): Promise<Outcome> {
  const page = await session.client.decisions({ ...options, signal: session.signal });
  const now = Date.now();
  const columns = [
    { title: 'DECISION' },
    { title: 'STAGE' },
    { title: 'OPENED' },
    { title: options.status === 'open' ? 'LEFT' : 'ANSWER' },
    { title: 'OPTIONS' },
    { title: 'QUESTION' },
  ];
  writePage(session, page, columns, ({ id, stage, openedAt, expiresAt, answer, question, status }) => {
    const expires = timeOf(expiresAt);
    const left = expires === undefined ? 'no limit' : countdown(expires - now);
    return [
      id,
      stage,
      ago(openedAt, now),
      status === 'open' ? left : answerText(answer ?? null),
      (question.options ?? []).map(answerText).join('/'),
      question.question,
    ];
  });
  return undefined;
}

async function decide(session: Session, id: string, answer: string, { comment }: { readonly comment?: string }): Promise<Outcome> {
  const decision = await session.client.decide(id, parseAnswer(answer), { comment, signal: session.signal });
  if (session.settings.json) session.writeJson(decision);
  else if (!session.settings.quiet)
    session.write(`answered ${answerText(decision.answer)} for stage ${decision.stage} of run ${decision.run}`);
  return undefined;
}
