import { readFileSync } from 'node:fs';
import { cpus, loadavg, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { PEERS_FOLDER } from './engines.ts';

export interface Environment {
  readonly at: string;
  readonly cores: number;
  readonly cpu: string;
  readonly memoryBytes: number;
  readonly system: string;
  readonly node: string;
  readonly postgres: string;
  readonly redis: string;
  /** Versions of the peers' packages. */
  readonly peers: Readonly<Record<string, string>>;
  /** Of the last minute, when the benchmark began: above 0.5, others use the machine. */
  readonly load: number;
}

export function describeEnvironment(servers: { readonly postgres: string; readonly redis: string }): Environment {
  const processors = cpus();
  const { dependencies } = JSON.parse(readFileSync(join(PEERS_FOLDER, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
  return {
    at: new Date().toISOString(),
    cores: processors.length,
    cpu: processors[0]?.model ?? 'unknown',
    memoryBytes: totalmem(),
    system: `${platform()} ${release()}`,
    node: process.version,
    ...servers,
    peers: dependencies,
    load: loadavg()[0] ?? 0,
  };
}
