import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInstallation, type Installation, type OrchestratorProcess } from '../mainstay/installation.ts';
import { openRuns, type Runs } from '../mainstay/runs.ts';
import type { Scene } from './part.ts';

/** An installation for one part, on a database of its own and an empty Redis. */
export interface Site {
  readonly installation: Installation;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly folder: string;
  /** Where steps that wait are noted, if they are. */
  readonly stepLog: string;
  /** A client of that orchestrator; closed with the site. */
  readonly runsAt: (orchestrator: OrchestratorProcess) => Promise<Runs>;
}

export interface SiteOptions {
  readonly name: string;
  /** An existing database, which is kept. Default: an empty one, which is dropped. */
  readonly databaseUrl?: string;
  /** Whether steps that wait are noted; default no. */
  readonly notesSteps?: boolean;
}

let sites = 0;

/** All its processes have ended when this resolves or rejects; they are ended at once when the part's time is over. */
export async function withSite<T>({ servers, signal }: Scene, options: SiteOptions, work: (site: Site) => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  sites += 1;
  const database = `scale_${options.name.replaceAll('-', '_')}`;
  const folder = join(servers.folder, `${options.name}-${sites}`);
  mkdirSync(folder, { recursive: true });
  await servers.emptyRedis('everysec');
  const databaseUrl = options.databaseUrl ?? (await servers.freshDatabase(database));
  const redisUrl = servers.redis.everysec.url;
  const stepLog = options.notesSteps === true ? join(folder, 'steps.log') : '/dev/null';
  const installation = createInstallation({ databaseUrl, redisUrl, folder, stepLog });
  const clients: Runs[] = [];
  const site: Site = {
    installation,
    databaseUrl,
    redisUrl,
    folder,
    stepLog,
    async runsAt(orchestrator) {
      const runs = await openRuns({ ...orchestrator, adminKey: installation.adminKey, databaseUrl });
      clients.push(runs);
      return runs;
    },
  };
  const end = (): void => void installation.close();
  signal.addEventListener('abort', end, { once: true });
  try {
    return await work(site);
  } finally {
    signal.removeEventListener('abort', end);
    await Promise.allSettled(clients.map((runs) => runs.close()));
    await installation.close();
    if (options.databaseUrl === undefined) await servers.dropDatabase(database);
  }
}
