import { z } from 'zod';

const resultSchema = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numRuntimeErrorTestSuites: z.number(),
});

/** What jest's JSON report counts. A suite that could not run counts as one failed test. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
}

/** Reads the counts from jest's JSON report. */
export function countTests(report: string): TestCounts {
  const result = resultSchema.parse(JSON.parse(report));
  return { passed: result.numPassedTests, failed: result.numFailedTests + result.numRuntimeErrorTestSuites };
}

/** The last line of `npm test`. */
export function summaryLine({ passed, failed }: TestCounts): string {
  return `${String(passed)} passed, ${String(failed)} failed`;
}

/** A run in which nothing ran is not a success. */
export function exitCodeFor({ passed, failed }: TestCounts, jestCode: number): number {
  return failed > 0 || passed === 0 ? 1 : jestCode;
}
