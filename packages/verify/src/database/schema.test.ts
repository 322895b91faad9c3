import { readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { KNOWN_MIGRATIONS } from './schema.ts';

const MIGRATIONS = new URL('../../../../apps/orchestrator/prisma/migrations/', import.meta.url);

describe('the migrations that the checks know', () => {
  test('are those of the orchestrator, in their order', () => {
    const folders = readdirSync(MIGRATIONS, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(KNOWN_MIGRATIONS).toEqual(folders.map(({ name }) => name).sort());
  });
});
