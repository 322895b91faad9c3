import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, waitUntil } from '@mainstay/services';
import { CAPACITY } from '../mainstay/cluster.ts';
import { definitionOf } from '../mainstay/definitions.ts';
import { HttpClient } from '../mainstay/http-client.ts';
import { createInstallation } from '../mainstay/installation.ts';
import { openRuns, type Runs } from '../mainstay/runs.ts';
import { MEMORY_FOLDER_VARIABLE, memoryFile } from '../mainstay/tell-memory.ts';
import { CHAIN } from '../scale/chain-load.ts';
import type { BenchServers } from '../servers/bench-servers.ts';

export const ARM_NAMES = ['off', 'on'] as const;
export type ArmName = (typeof ARM_NAMES)[number];

export const SCRAPE_EVERY_MS = 5_000;

/** How the processes of one arm are put together; see `left-out.ts`. */
export interface ArmSpec {
  readonly env: Readonly<Record<string, string>>;
  /** Default: the benchmark's own programs, which know what to leave out. */
  readonly programs?: { readonly orchestrator?: string; readonly worker?: string };
  /** Scraped every {@link SCRAPE_EVERY_MS} of its work, three times as often as by the Prometheus of `observability:up`. */
  readonly scraped?: boolean;
}

/** One orchestrator and one worker, on a database and under Redis keys of their own. */
export interface Arm {
  readonly name: ArmName;
  readonly pids: Readonly<Record<'orchestrator' | 'worker', number>>;
  readonly runs: Runs;
  /** How long it has worked since it was scraped: turns of the other arm do not count. Undefined: it is not scraped. */
  unscrapedMs: number | undefined;
  /** Reads the metrics of both processes, as Prometheus does. */
  scrape(): Promise<void>;
  /** What both processes hold together after a collection of garbage. */
  heldBytes(): Promise<number>;
  close(): Promise<void>;
}

const program = (name: string): string => fileURLToPath(new URL(`../mainstay/${name}.ts`, import.meta.url));
const OWN = { orchestrator: program('orchestrator'), worker: program('worker') };

export interface ArmFolders {
  readonly folder: string;
  /** Its CPU profiles go into a folder of the arm's name in it. */
  readonly profileFolder: string | undefined;
}

/** Resolves when it takes runs of the chain. */
export async function startArm(name: ArmName, spec: ArmSpec, servers: BenchServers, { folder, profileFolder }: ArmFolders): Promise<Arm> {
  const database = `pair_${name}`;
  const own = join(folder, name);
  mkdirSync(own, { recursive: true });
  const databaseUrl = await servers.freshDatabase(database);
  const installation = createInstallation({
    databaseUrl,
    redisUrl: servers.redis.everysec.url,
    folder: own,
    stepLog: '/dev/null',
    profileFolder: profileFolder && join(profileFolder, name),
    programs: { ...OWN, ...spec.programs },
    env: { MAINSTAY_REDIS_PREFIX: database, [MEMORY_FOLDER_VARIABLE]: own, ...spec.env },
  });
  try {
    const orchestrator = await installation.startOrchestrator();
    const port = await freePort();
    const worker = await installation.startWorker(CAPACITY, spec.scraped === true ? { MANAGEMENT_PORT: String(port) } : {});
    const runs = await openRuns({ ...orchestrator, adminKey: installation.adminKey, databaseUrl });
    await runs.define(definitionOf(CHAIN));
    const management = new HttpClient(port, installation.adminKey);
    return {
      name,
      pids: { orchestrator: orchestrator.program.pid, worker: worker.pid },
      runs,
      unscrapedMs: spec.scraped === true ? SCRAPE_EVERY_MS : undefined,
      async scrape() {
        await Promise.all([orchestrator.client, management].map((client) => client.call('GET', '/metrics')));
      },
      async heldBytes() {
        const told = await Promise.all([orchestrator.program.pid, worker.pid].map((pid) => heldBy(pid, own)));
        return told.reduce((sum, bytes) => sum + bytes, 0);
      },
      async close() {
        management.close();
        await runs.close();
        await installation.close();
        await servers.dropDatabase(database);
      },
    };
  } catch (error) {
    await installation.close();
    throw error;
  }
}

const TOLD_WITHIN_MS = 10_000;

async function heldBy(pid: number, folder: string): Promise<number> {
  const file = memoryFile(folder, pid);
  rmSync(file, { force: true });
  process.kill(pid, 'SIGUSR2');
  const text = await waitUntil(() => Promise.resolve(read(file)), { timeoutMs: TOLD_WITHIN_MS, intervalMs: 20 });
  if (text === undefined) throw new Error(`The process ${pid} did not tell its memory within ${TOLD_WITHIN_MS} ms`);
  return (JSON.parse(text) as { readonly heldBytes: number }).heldBytes;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
