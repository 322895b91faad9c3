import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { PEERS_FOLDER } from '../engines.ts';

/** A package that is no part of the workspace, and how much it brings. */
export interface PeersPackage {
  readonly folder: string;
  readonly size: string;
}

/** Installs the peers' packages from their lock file unless these very ones are there. */
export async function installPeers(
  onProgress: (line: string) => void,
  { folder, size }: PeersPackage = { folder: PEERS_FOLDER, size: '250 MB' },
): Promise<void> {
  const lock = readFileSync(join(folder, 'package-lock.json'), 'utf8');
  const marker = join(folder, 'node_modules', '.installed-lock.json');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === lock) return;
  onProgress(`installing the peers (about ${size}; once)`);
  await npm(folder, ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(marker, lock);
}

function npm(folder: string, args: readonly string[]): Promise<void> {
  const child = spawn('npm', args, { cwd: folder, stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else {
        const where = relative(process.cwd(), folder);
        reject(new Error(`npm ${args.join(' ')} in ${where} ended with exit code ${String(code)}; run it by hand to see why`));
      }
    });
  });
}
