import { BaseAgent, type TaskContext } from '@mainstay/agent';
import { type ReportInput, reportInput, type ReportOutput, reportOutput } from '../model.ts';
import { writeReport } from './write-report.ts';

/** Writes the report. Its files are named by the run, so that a second attempt replaces those of the first. */
export class ReportAgent extends BaseAgent<ReportInput, ReportOutput> {
  readonly kind = 'review-report';
  override readonly description = 'Writes the review as one HTML file with charts and one Markdown file';
  readonly input = reportInput;
  readonly output = reportOutput;
  readonly #reportsDir: string;

  constructor(reportsDir: string) {
    super();
    this.#reportsDir = reportsDir;
  }

  run(input: ReportInput, ctx: TaskContext): Promise<ReportOutput> {
    return writeReport(input, { reportsDir: this.#reportsDir, run: ctx.run, signal: ctx.signal });
  }
}
