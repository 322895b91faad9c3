import { MainstayError } from '@mainstay/types';
import { RemoteError } from '../client/remote-error.ts';
import type { ErrorView, RunView } from '../client/views.ts';
import { cell, type Line } from './line.ts';
import { clean } from './text.ts';

const MAX_ISSUES = 20;
const MAX_CAUSES = 5;

/** Why a command failed, for people. */
export function errorLines(error: unknown): readonly Line[] {
  if (error instanceof RemoteError) return remoteLines(error);
  if (!(error instanceof MainstayError)) {
    return [[cell('error: ', 'bad'), cell(error instanceof Error ? (error.stack ?? error.message) : String(error))]];
  }
  const [first = '', ...rest] = error.message.split('\n');
  const { hint } = error.details;
  return [
    [cell('error: ', 'bad'), cell(clean(first))],
    ...rest.map((line) => [cell(`  ${clean(line)}`)]),
    ...(typeof hint === 'string' ? [[cell(`  hint: ${clean(hint)}`, 'dim')]] : []),
  ];
}

function remoteLines({ problem }: RemoteError): readonly Line[] {
  const { title, code, detail, hint, issues = [], correlationId, traceId } = problem;
  return [
    [cell('error: ', 'bad'), cell(clean(title), 'strong'), cell(` (${clean(code)})`, 'dim')],
    ...(detail === undefined || detail === title || (issues.length === 1 && detail.includes(issues[0]?.problem ?? ''))
      ? []
      : [[cell(`  ${clean(detail)}`)]]),
    ...issues
      .slice(0, MAX_ISSUES)
      .map((issue) => [cell(`  ${clean(issue.path === '' ? '/' : issue.path)}: `, 'warn'), cell(clean(issue.problem))]),
    ...(issues.length > MAX_ISSUES ? [[cell(`  … and ${issues.length - MAX_ISSUES} more`)]] : []),
    ...(hint === undefined ? [] : [[cell(`  hint: ${clean(hint)}`, 'dim')]]),
    ...(correlationId === undefined ? [] : [[cell(`  correlation id: ${clean(correlationId)}`, 'dim')]]),
    ...(traceId === undefined ? [] : [[cell(`  trace: ${clean(traceId)}`, 'dim')]]),
  ];
}

/** The same as one JSON document. */
export function errorDocument(error: unknown, exitCode: number): unknown {
  if (error instanceof RemoteError) return { error: error.problem, exitCode };
  if (error instanceof MainstayError) return { error: { code: error.code, detail: error.message, details: error.details }, exitCode };
  return { error: { code: 'INTERNAL', detail: error instanceof Error ? error.message : String(error) }, exitCode };
}

/** Why a run did not succeed. */
export function failureLines(run: RunView): readonly Line[] {
  const tone = run.status === 'failed' ? 'bad' : 'warn';
  const failed = run.tasks.filter(({ status }) => status === 'failed' || status === 'dead');
  return [
    [cell(`run ${clean(run.id)} ${clean(run.status)}`, tone)],
    ...causes(run.error).map((text) => [cell(`  ${text}`)]),
    ...failed.flatMap((task) =>
      causes(task.error).map((text, depth) => [cell(depth === 0 ? `  ${clean(task.stage)}: ${text}` : `    ${text}`)]),
    ),
    ...(run.status === 'failed'
      ? [[cell(`  hint: mainstay show ${clean(run.id)} tells more; mainstay retry ${clean(run.id)} tries again`, 'dim')]]
      : []),
  ];
}

/** An error and what caused it, one text each. */
export function causes(error: ErrorView | undefined): readonly string[] {
  const texts: string[] = [];
  for (let at = error; at !== undefined && texts.length < MAX_CAUSES; at = at.cause) {
    texts.push(`${texts.length === 0 ? '' : 'because: '}${clean(at.code)}: ${clean(at.message)}`);
  }
  return texts;
}
