import { z } from 'zod';
import type { RunView } from '../client/views.ts';
import { cell, type Line, type Tone } from './line.ts';
import { clean } from './text.ts';

const MAX_REASONS = 5;

const outputSchema = z.looseObject({
  score: z.number().nullable(),
  grade: z.string(),
  summary: z.string().catch(''),
  html: z.string().optional().catch(undefined),
  markdown: z.string().optional().catch(undefined),
});

const scoreSchema = z.looseObject({
  components: z.array(
    z.looseObject({
      title: z.string(),
      weight: z.number(),
      score: z.number().nullable(),
      deductions: z.array(z.looseObject({ points: z.number(), reason: z.string(), where: z.array(z.string()).catch([]) })),
    }),
  ),
  cap: z.looseObject({ reason: z.string() }).nullable().optional().catch(undefined),
});
type Score = z.infer<typeof scoreSchema>;

/** The result of a review: score, grade, what cost the most, and where the report is. */
export function reviewLines(run: RunView, linkTo: (path: string) => string): readonly Line[] {
  const output = outputSchema.safeParse(run.output).data;
  if (output === undefined) return [[cell('the review has an output that this version does not know; see --json', 'warn')]];
  const { score, grade, summary, html, markdown } = output;
  const scored = scoreSchema.safeParse(run.tasks.find(({ agent }) => agent === 'review-score')?.output).data;
  const stages = run.tasks.filter((task) => task.degraded === true).map((task) => clean(task.stage));
  return [
    [cell('')],
    score === null
      ? [cell(clean(summary), 'strong')]
      : [
          cell(`Score ${score} of 100, grade ${clean(grade)}`, toneOf(score)),
          ...(scored === undefined ? [cell(`  ${clean(summary)}`)] : []),
        ],
    ...(scored === undefined || score === null ? [] : reasonLines(scored)),
    ...(stages.length === 0 ? [] : [[cell(`  not measured in full: ${stages.join(', ')}`, 'warn')]]),
    [cell('')],
    ...(html === undefined ? [] : [[cell('HTML      '), cell(linkTo(html), 'accent')]]),
    ...(markdown === undefined ? [] : [[cell('Markdown  '), cell(linkTo(markdown), 'accent')]]),
  ];
}

function reasonLines({ components, cap }: Score): Line[] {
  const measured = components.filter(({ score }) => score !== null);
  const weights = measured.reduce((sum, { weight }) => sum + weight, 0);
  const reasons = measured.flatMap(({ title, weight, deductions }) =>
    deductions.map(({ points, reason, where }) => ({ title, reason, where, cost: weights === 0 ? 0 : (points * weight) / weights })),
  );
  reasons.sort((a, b) => b.cost - a.cost);
  const lines: Line[] = reasons
    .slice(0, MAX_REASONS)
    .map(({ title, reason, where, cost }) => [
      cell(`  −${cost.toFixed(1).padStart(4)}  `, 'warn'),
      cell(`${clean(title)}: ${clean(reason)}`),
      ...(where[0] === undefined ? [] : [cell(`  ${clean(where[0])}`, 'dim')]),
    ]);
  if (lines.length === 0) lines.push([cell('  nothing was deducted', 'dim')]);
  if (reasons.length > MAX_REASONS) lines.push([cell(`  … and ${reasons.length - MAX_REASONS} more reasons in the report`, 'dim')]);
  if (cap !== null && cap !== undefined) lines.push([cell(`  ${clean(cap.reason)}`, 'bad')]);
  return lines;
}

function toneOf(score: number): Tone {
  return score >= 80 ? 'good' : score >= 60 ? 'warn' : 'bad';
}
