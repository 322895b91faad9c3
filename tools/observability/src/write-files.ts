import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, writtenFiles } from './written-files.ts';

for (const [file, text] of await writtenFiles()) writeFileSync(join(ROOT, file), text);
