import { describe, expect, test } from '@jest/globals';
import { countTests, exitCodeFor, summaryLine } from './test-result.ts';

const report = (numPassedTests: number, numFailedTests: number, numRuntimeErrorTestSuites: number): string =>
  JSON.stringify({ numPassedTests, numFailedTests, numRuntimeErrorTestSuites });

describe('the result of a test run', () => {
  test('suites that could not be loaded count as failed', () => {
    expect(summaryLine(countTests(report(10, 1, 2)))).toBe('10 passed, 3 failed');
  });

  test('is a success only if something passed and nothing failed', () => {
    expect(exitCodeFor({ passed: 3, failed: 0 }, 0)).toBe(0);
    expect(exitCodeFor({ passed: 3, failed: 1 }, 0)).toBe(1);
    expect(exitCodeFor({ passed: 0, failed: 0 }, 0)).toBe(1);
    expect(exitCodeFor({ passed: 3, failed: 0 }, 130)).toBe(130);
  });
});
