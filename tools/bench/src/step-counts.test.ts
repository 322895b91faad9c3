import { describe, expect, test } from '@jest/globals';
import { countSteps } from './step-counts.ts';
import { stepOutput } from './step-output.ts';

describe('countSteps', () => {
  test('counts executions, and those of steps done before', () => {
    expect(countSteps('r1 1\nr1 2\nr2 1\nr1 2\nr1 2\n')).toEqual({ executions: 5, distinct: 3, repeated: 2 });
    expect(countSteps('')).toEqual({ executions: 0, distinct: 0, repeated: 0 });
  });
});

describe('stepOutput', () => {
  test.each([200, 16_384])('has %d bytes of JSON, the same each time', (bytes) => {
    expect(JSON.stringify(stepOutput(3, bytes))).toHaveLength(bytes);
    expect(stepOutput(3, bytes)).toEqual(stepOutput(3, bytes));
    expect(stepOutput(4, bytes)).toMatchObject({ step: 4, ok: true });
  });
});
