import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { configurationTables } from './configuration-table.ts';
import { ROOT, textOf } from './repository.ts';

/** docs/CONFIGURATION.md with its tables as the schemas have them, formatted. */
export async function renderConfiguration(): Promise<string> {
  const file = join(ROOT, 'docs', 'CONFIGURATION.md');
  const text = textOf('docs/CONFIGURATION.md').replace(
    /(<!-- variables: begin[^>]*-->\n)[\s\S]*?(<!-- variables: end)/,
    (_all, begin: string, end: string) => `${begin}\n${configurationTables()}\n${end}`,
  );
  return format(text, { ...(await resolveConfig(file)), filepath: file });
}

if (process.argv[1] === import.meta.filename) writeFileSync(join(ROOT, 'docs', 'CONFIGURATION.md'), await renderConfiguration());
