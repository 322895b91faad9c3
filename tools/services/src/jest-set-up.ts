import { fileURLToPath } from 'node:url';
import { acquireServices } from './acquire-services.ts';
import { holdForRun } from './jest-services.ts';

const repository = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * Jest's global set-up: puts the addresses of a real Postgres and Redis into MAINSTAY_TEST_DATABASE_URL and MAINSTAY_TEST_REDIS_URL.
 * All runs share the servers in `.mainstay/test`; addresses that are set already are kept.
 */
export default async function setUp(): Promise<void> {
  const { env } = process;
  const postgres = env['MAINSTAY_TEST_DATABASE_URL'] === undefined;
  const redis = env['MAINSTAY_TEST_REDIS_URL'] === undefined;
  if (!postgres && !redis) return;
  const services = await acquireServices({
    dataDir: `${repository}.mainstay/test`,
    toolsDir: `${repository}.mainstay/tools`,
    postgres,
    redis,
    env: {},
    onProgress: (line) => void process.stderr.write(`${line}\n`),
  });
  if (postgres) env['MAINSTAY_TEST_DATABASE_URL'] = services.databaseUrl;
  if (redis) env['MAINSTAY_TEST_REDIS_URL'] = services.redisUrl;
  holdForRun(services);
}
