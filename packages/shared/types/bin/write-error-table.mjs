// Writes the table of error codes into docs/ERROR-HANDLING.md. Needs Node 24, which runs TypeScript.
import { readFileSync, writeFileSync } from 'node:fs';
import { withErrorTable } from '../src/errors/error-table.ts';

const file = new URL('../../../../docs/ERROR-HANDLING.md', import.meta.url);
writeFileSync(file, withErrorTable(readFileSync(file, 'utf8')));
