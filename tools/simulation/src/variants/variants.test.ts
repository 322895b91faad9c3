import { describe, expect, jest, test } from '@jest/globals';
import { hunt, huntTable } from './hunt.ts';
import { VARIANTS } from './variants.ts';

jest.setTimeout(600_000);

describe('broken variants', () => {
  test('are caught by the rules, every one within its number of seeds', async () => {
    const hunts = [];
    for (const { name, within, ...variant } of VARIANTS) hunts.push({ name, within, hunt: await hunt(variant, within) });
    process.stdout.write(`${huntTable(hunts)}\n`);
    expect(hunts.filter(({ hunt: { seed } }) => seed === undefined).map(({ name }) => name)).toEqual([]);
    expect(hunts.length).toBeGreaterThanOrEqual(15);
  });
});
