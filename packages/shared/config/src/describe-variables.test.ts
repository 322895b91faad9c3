import { describe, expect, test } from '@jest/globals';
import { describeVariables } from './describe-variables.ts';
import { agentsEnv, orchestratorEnv } from './schemas.ts';

describe('describeVariables', () => {
  test('names each variable with its default or need, and its meaning', () => {
    const text = describeVariables(orchestratorEnv);
    expect(text).toContain('  PORT (default 3000)\n      Port of the HTTP API');
    expect(text).toContain('  DATABASE_URL (required)\n');
    expect(text).toContain('  MANAGEMENT_PORT (optional)\n');
  });

  test('leaves out what is between our own processes', () => {
    expect(describeVariables(agentsEnv)).not.toContain('MAINSTAY_PARENT_FD');
  });
});
