import type { BaseAgent } from '@mainstay/agent';
import { AnalysisAgent } from './analysis-agent.ts';
import { dependencies } from './dependencies/dependencies.ts';
import { duplicates } from './duplicates/duplicates.ts';
import { inventory } from './inventory/inventory.ts';
import { lint } from './lint/lint.ts';
import { dependenciesOutput, duplicatesOutput, inventoryOutput, lintOutput, secretsOutput, targetInput } from './model.ts';
import { ReportAgent } from './report/report-agent.ts';
import { ScoreAgent } from './score/score-agent.ts';
import { secrets } from './secrets/secrets.ts';

export interface ReviewOptions {
  /** Folder for reports of runs that name none; made when needed. */
  readonly reportsDir: string;
}

/** The agents of the `review` pipeline (pipelines/review.json). */
export function reviewAgents({ reportsDir }: ReviewOptions): readonly BaseAgent[] {
  return [
    new AnalysisAgent({
      kind: 'review-inventory',
      description: 'Files, languages, sizes, and the hot spots of the history',
      input: targetInput,
      output: inventoryOutput,
      analyse: inventory,
    }),
    new AnalysisAgent({
      kind: 'review-lint',
      description: 'Likely mistakes in JavaScript and TypeScript, found by oxlint',
      input: targetInput,
      output: lintOutput,
      analyse: lint,
    }),
    new AnalysisAgent({
      kind: 'review-secrets',
      description: 'Leaked secrets, found by secretlint and shown masked',
      input: targetInput,
      output: secretsOutput,
      analyse: secrets,
    }),
    new AnalysisAgent({
      kind: 'review-duplicates',
      description: 'Copied code, found by jscpd',
      input: targetInput,
      output: duplicatesOutput,
      analyse: duplicates,
    }),
    new AnalysisAgent({
      kind: 'review-dependencies',
      description: 'Dependencies, lockfiles and licences, read offline',
      input: targetInput,
      output: dependenciesOutput,
      analyse: dependencies,
    }),
    new ScoreAgent(),
    new ReportAgent(reportsDir),
  ];
}
