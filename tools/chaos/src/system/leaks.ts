import { readdirSync, readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { waitUntil } from '@mainstay/services';
import { DRILL_NAME, queryWorld } from './query.ts';
import { MARK_VARIABLE, type World } from './world.ts';

const PATIENCE_MS = 5_000;

/** What is left although all processes were told to end: processes, and connections at the servers and on the links. */
export async function findLeaks(world: World): Promise<readonly string[]> {
  let leaks: readonly string[] = [];
  // a server takes a moment to see that its clients have gone
  await waitUntil(
    async () => {
      leaks = [...processesOf(world), ...(await postgresConnections(world)), ...(await redisConnections(world)), ...linkConnections(world)];
      return leaks.length === 0 ? true : undefined;
    },
    { timeoutMs: PATIENCE_MS, intervalMs: 250 },
  );
  return leaks;
}

function processesOf({ mark }: World): readonly string[] {
  return pids().flatMap((pid) =>
    read(`/proc/${pid}/environ`).includes(`${MARK_VARIABLE}=${mark}`) ? [`process ${pid} is still there`] : [],
  );
}

async function postgresConnections(world: World): Promise<readonly string[]> {
  const rows = await queryWorld<{ name: string; n: number }>(
    world,
    `select application_name as name, count(*)::int as n from pg_stat_activity
      where backend_type = 'client backend' and application_name <> '${DRILL_NAME}' group by 1`,
  );
  return rows.map(({ name, n }) => `${String(n)} connections of ${name} to Postgres`);
}

async function redisConnections({ redis }: World): Promise<readonly string[]> {
  const client = new Redis(redis.url, { retryStrategy: () => null });
  client.on('error', () => undefined);
  try {
    const list = String(await client.call('CLIENT', 'LIST'));
    const own = list.split('\n').filter((line) => line.includes('id=')).length - 1;
    return own === 0 ? [] : [`${String(own)} connections to Redis`];
  } finally {
    client.disconnect();
  }
}

function linkConnections({ members }: World): readonly string[] {
  return members.flatMap(({ child, links }) => {
    const open = links.reduce((sum, { connections }) => sum + connections, 0);
    return open === 0 ? [] : [`${String(open)} connections of ${child.name} on its links`];
  });
}

function pids(): readonly string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
