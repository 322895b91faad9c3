import { defineConfig } from 'prisma/config';

/** For the `prisma` command line only; the orchestrator migrates by itself at its start. */
export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env['DATABASE_URL'] ?? '' },
});
