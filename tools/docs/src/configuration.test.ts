import { expect, test } from '@jest/globals';
import { textOf } from './repository.ts';
import { renderConfiguration } from './write-configuration.ts';

test('docs/CONFIGURATION.md is what the schemas say; write it anew with node tools/docs/src/write-configuration.ts', async () => {
  const text = textOf('docs/CONFIGURATION.md');
  expect(text).toBe(await renderConfiguration());
  for (const name of ['DATABASE_URL', 'REDIS_URL', 'MAINSTAY_SIGNING_KEYS', 'MAINSTAY_WORKER_CAPACITY', 'MAINSTAY_URL'])
    expect(text).toContain(`\`${name}\``);
});
