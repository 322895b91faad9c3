/** A client process for tests: acquires the services of the folder in argv, prints their addresses, releases when its input ends. */
import { once } from 'node:events';
import { acquireServices } from '../acquire-services.ts';

const dataDir = process.argv[2];
if (dataDir === undefined) throw new Error('usage: hold-services.ts <data folder>');
const services = await acquireServices({ dataDir, env: {} });
process.stdout.write(`${JSON.stringify({ databaseUrl: services.databaseUrl, redisUrl: services.redisUrl })}\n`);
process.stdin.resume();
await once(process.stdin, 'end');
await services.release();
