import { programVariables } from '@mainstay/config';
import { redact, REDACTED } from '@mainstay/observability';
import { expect, test } from '@jest/globals';

test('whoever logs an environment shows none of its secrets', () => {
  const secret = new Set(
    programVariables()
      .filter((variable) => variable.secret)
      .map(({ name }) => name),
  );
  expect(secret.size).toBeGreaterThan(5);
  const shown = Object.entries(redact({ env: Object.fromEntries([...secret].map((name) => [name, 'x'])) }) as object);
  expect(shown).toEqual([['env', Object.fromEntries([...secret].map((name) => [name, REDACTED]))]]);
});
