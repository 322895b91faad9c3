// Writes `.env.production.example` at the root of the repository. Needs Node 24, which runs TypeScript.
import { writeFileSync } from 'node:fs';
import { renderEnvExample } from '../src/render-env-example.ts';

writeFileSync(new URL('../../../../.env.production.example', import.meta.url), renderEnvExample());
