import { installPackages } from './package-install.ts';
import type { FindOptions } from './redis-program.ts';

/** Installs Redis with the machine's package manager; false if that cannot be done. */
export function installRedis(options: FindOptions): Promise<boolean> {
  const names = { title: 'Redis', apt: ['redis-server'], dnf: [['redis'], ['valkey']], apk: ['redis'], brew: ['redis'] };
  return installPackages(names, options);
}
