import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { AgentError } from '@mainstay/types';

const require = createRequire(import.meta.url);

function folderOf(packageName: string, from: NodeJS.Require = require): string {
  return dirname(from.resolve(`${packageName}/package.json`));
}

/** Node script that starts oxlint. */
export function oxlintScript(): string {
  return join(folderOf('oxlint'), 'bin', 'oxlint');
}

/** Names of the packages that carry jscpd's program for this platform, likeliest first. */
export function jscpdPackages(platform: string = process.platform, arch: string = process.arch): string[] {
  if (platform === 'linux') return [`jscpd-linux-${arch}-gnu`, `jscpd-linux-${arch}-musl`];
  if (platform === 'win32') return [`jscpd-windows-${arch}-msvc`];
  return [`jscpd-${platform}-${arch}`];
}

/** The program itself rather than its starter, which would stand between the guard and the memory that it watches. */
export function jscpdProgram(): string {
  const fromJscpd = createRequire(join(folderOf('jscpd'), 'package.json'));
  for (const name of jscpdPackages()) {
    try {
      return join(folderOf(name, fromJscpd), 'bin', process.platform === 'win32' ? 'jscpd.exe' : 'jscpd');
    } catch {
      // the other C library's
    }
  }
  throw new AgentError(
    'AGENT_FAILED',
    `jscpd has no program for ${process.platform} on ${process.arch}; install one of ${jscpdPackages().join(', ')}`,
    {
      disposition: 'terminal',
    },
  );
}
