import type { Command } from 'commander';
import type { RunView, TaskView } from '../client/views.ts';
import { ago, duration } from '../render/durations.ts';
import { failureLines } from '../render/error-report.ts';
import { cell } from '../render/line.ts';
import { timeOf } from '../render/run-model.ts';
import { decisionLines } from '../render/run-screen.ts';
import { lookOf } from '../render/symbols.ts';
import { tableLines } from '../render/table.ts';
import { clean } from '../render/text.ts';
import type { Outcome, Session } from '../session.ts';
import type { Action } from './action.ts';
import { terminalWidth } from './write-page.ts';

export function addShow(program: Command, action: Action): void {
  program
    .command('show')
    .summary('show a run with its tasks')
    .description('Shows a run as it is now: its tasks, open questions, error and output.')
    .argument('<run>', 'id of the run')
    .addHelpText(
      'after',
      '\nExamples:\n  $ mainstay show 01a20581-de15-7bbf-81a0-140da504e65a\n  $ mainstay show "$RUN" --json | jq .output',
    )
    .action(action(show));
}

async function show(session: Session, id: string): Promise<Outcome> {
  writeRun(session, await session.client.run(id, { signal: session.signal }));
  return undefined;
}

/** A run for people, or with --json as it came. */
export function writeRun(session: Session, run: RunView): void {
  if (session.settings.json) {
    session.writeJson(run);
    return;
  }
  const now = Date.now();
  const { symbol, tone } = lookOf(run.status, now);
  session.writeLine([
    cell(`${run.status === 'running' ? '•' : symbol} `, tone),
    cell(clean(run.pipeline), 'strong'),
    cell(` v${run.version}  `),
    cell(clean(run.status), tone),
    cell(`  created ${ago(run.createdAt, now)}  `),
    cell(`run ${clean(run.id)}`, 'dim'),
  ]);
  if (run.traceId !== undefined) session.writeLine([cell(`  trace ${clean(run.traceId)}`, 'dim')]);
  const columns = [
    { title: 'STAGE' },
    { title: 'AGENT' },
    { title: 'STATUS', tone: (status: string) => lookOf(status, now).tone },
    { title: 'TRY', align: 'right' as const },
    { title: 'TOOK', align: 'right' as const },
    { title: 'NOTE' },
  ];
  for (const line of tableLines(
    columns,
    run.tasks.map((task) => rowOf(task, now)),
    terminalWidth(session),
  ))
    session.writeLine(line);
  for (const { id, stage, question, expiresAt } of run.decisions) {
    const decision = {
      id,
      stage,
      question: question.question,
      options: question.options,
      ...(question.default === undefined ? {} : { default: { value: question.default } }),
      expiresAt: timeOf(expiresAt),
    };
    for (const line of decisionLines(decision, now)) session.writeLine(line);
  }
  if (run.status === 'failed' || run.status === 'cancelled') for (const line of failureLines(run)) session.writeLine(line);
  if (run.output !== undefined) {
    session.write('output:');
    session.writeJson(run.output);
  }
}

function rowOf(task: TaskView, now: number): readonly string[] {
  const start = timeOf(task.startedAt);
  const took = start === undefined || task.status === 'skipped' ? '' : duration((timeOf(task.finishedAt) ?? now) - start);
  return [task.stage, task.agent, task.status, task.attempt === 0 ? '' : String(task.attempt), took, noteOf(task, now)];
}

function noteOf({ waitingFor, error, degraded, status }: TaskView, now: number): string {
  if (waitingFor !== undefined) return `no worker offers ${waitingFor.agent} (noticed ${ago(waitingFor.since, now)})`;
  if (degraded === true) return 'with a fallback';
  return error === undefined || status === 'succeeded' ? '' : `${error.code}: ${error.message}`;
}
