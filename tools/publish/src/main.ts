import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { packAll } from './pack.ts';
import { ROOT } from './packages.ts';

// `npx nx run publish:pack`: tarballs of all published packages in dist/packages, to be given to `npm publish`.
const target = join(ROOT, 'dist', 'packages');
mkdirSync(target, { recursive: true });
for (const { name, file, files } of await packAll(target)) process.stdout.write(`${name}: ${file} (${String(files.length)} files)\n`);
rmSync(join(target, 'staging'), { recursive: true });
