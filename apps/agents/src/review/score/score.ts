import type { Component, Grade, Score, ScoreInput } from '../model.ts';
import {
  dependenciesComponent,
  duplicatesComponent,
  hygieneComponent,
  lintComponent,
  secretsComponent,
  structureComponent,
} from './components.ts';
import { plural } from '../tally.ts';

/** A repository that leaks secrets is not a good one, whatever else it is. */
const CAP_WITH_SECRETS = 59;

export function gradeOf(score: number | null): Grade {
  if (score === null) return 'none';
  if (score >= 90) return 'A';
  if (score >= 80) return 'B';
  if (score >= 70) return 'C';
  if (score >= 60) return 'D';
  return score >= 50 ? 'E' : 'F';
}

/** The mean of the measured parts by their weights; null when none was measured. */
export function weightedScore(components: readonly Component[]): number | null {
  let sum = 0;
  let weights = 0;
  for (const { score, weight } of components) {
    if (score === null) continue;
    sum += score * weight;
    weights += weight;
  }
  return weights === 0 ? null : Math.round(sum / weights);
}

function summarise(score: number | null, input: ScoreInput, components: readonly Component[]): string {
  if (score === null) return 'There is nothing to review here.';
  const lost = ({ score: part, weight }: Component): number => (part === null ? 0 : (100 - part) * weight);
  const [worst] = [...components].sort((a, b) => lost(b) - lost(a));
  const { files, lines } = input.inventory;
  const size = `${plural(files, 'file')}, ${plural(lines, 'line')}.`;
  const reason =
    worst === undefined || lost(worst) === 0
      ? 'Nothing was deducted.'
      : `Most was lost by: ${worst.title.toLowerCase()}. ${worst.deductions[0]?.reason ?? ''}.`;
  const missing = components.filter((one) => one.score === null).map(({ title }) => title.toLowerCase());
  return [
    `Score ${String(score)} of 100, grade ${gradeOf(score)}.`,
    size,
    reason,
    ...(missing.length === 0 ? [] : [`Not measured: ${missing.join(', ')}.`]),
  ].join(' ');
}

/** Marks out of 100 with reasons. Pure: the same figures give the same marks. */
export function score(input: ScoreInput): Score {
  const { inventory, lint, secrets, duplicates, dependencies } = input;
  const components = [
    lintComponent(lint, inventory.codeLines),
    secretsComponent(secrets),
    duplicatesComponent(duplicates),
    dependenciesComponent(dependencies),
    structureComponent(inventory),
    hygieneComponent(inventory),
  ];
  const mean = inventory.measured ? weightedScore(components) : null;
  const leaked = secrets.findings - secrets.inTests;
  const capped = mean !== null && leaked > 0 && mean > CAP_WITH_SECRETS;
  const total = capped ? CAP_WITH_SECRETS : mean;
  return {
    score: total,
    grade: gradeOf(total),
    summary: summarise(total, input, components),
    components,
    cap: capped
      ? {
          at: CAP_WITH_SECRETS,
          reason: `${plural(leaked, 'likely secret')} outside tests: the score is capped at ${String(CAP_WITH_SECRETS)}.`,
        }
      : null,
  };
}
