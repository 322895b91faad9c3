import { countdown, duration } from './durations.ts';
import { cell, fitLine, type Line } from './line.ts';
import type { OpenDecision, RunModel } from './run-model.ts';
import { chooseStages } from './choose-stages.ts';
import { stageColumns, stageLine } from './stage-line.ts';
import { lookOf } from './symbols.ts';
import { clean } from './text.ts';

export interface ScreenFacts {
  /** Columns and rows that may be used. */
  readonly width: number;
  readonly height: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Kinds of agents that no worker offers, and since when. */
  readonly missing?: ReadonlyMap<string, number>;
  /** What is known of a lost connection. */
  readonly lost?: string | undefined;
}

/** The whole display of a run. No line is wider than the width. */
export function runScreen(model: RunModel, { width, height, now, missing, lost }: ScreenFacts): readonly Line[] {
  const notices = [
    ...model.decisions.flatMap((decision) => decisionLines(decision, now)),
    ...(lost === undefined ? [] : [[cell(clean(lost), 'warn')]]),
  ];
  const { shown, hidden } = chooseStages(model.stages, Math.max(3, height - 3 - notices.length));
  const columns = stageColumns(shown, width);
  const lines: Line[] = [
    header(model, now),
    ...shown.map((stage) => stageLine(stage, columns, now, missing?.get(stage.agent))),
    ...(hidden === '' ? [] : [[cell(`  ${hidden}`, 'dim')]]),
    ...notices,
  ];
  return lines.map((line) => fitLine(line, width));
}

function header(model: RunModel, now: number): Line {
  const { symbol, tone } = lookOf(model.status, now);
  const took = duration((model.finishedAt ?? now) - model.createdAt);
  return [
    cell(`${symbol} `, tone),
    cell(clean(model.pipeline), 'strong'),
    cell('  '),
    cell(clean(model.status), tone),
    cell(`  ${took}  `),
    cell(`run ${clean(model.id)}`, 'dim'),
    ...(model.reason === undefined ? [] : [cell(`  ${clean(model.reason)}`, 'bad')]),
  ];
}

/** A question with what is needed to answer it. */
export function decisionLines(decision: OpenDecision, now: number): readonly Line[] {
  const { id, stage, question, options, expiresAt } = decision;
  const facts = [
    ...(options === undefined ? [] : [`answers: ${options.map(answerText).join(', ')}`]),
    ...(decision.default === undefined ? [] : [`default: ${answerText(decision.default.value)}`]),
    ...(expiresAt === undefined ? [] : [`${countdown(expiresAt - now)} left`]),
  ];
  const example = options?.[0] === undefined ? 'ANSWER' : answerText(options[0]);
  return [
    [cell(`? ${clean(stage)} asks: `, 'warn'), cell(clean(question))],
    ...(facts.length === 0 ? [] : [[cell(`  ${facts.join(' · ')}`, 'dim')]]),
    [cell(`  mainstay decide ${clean(id)} ${example}`, 'accent')],
  ];
}

/** An answer as it is typed: text as it is, everything else as JSON. */
export function answerText(answer: unknown): string {
  return clean(typeof answer === 'string' ? answer : JSON.stringify(answer));
}
