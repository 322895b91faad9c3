import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PEERS_FOLDER } from '../engines.ts';

/** Installs the peers' packages from their lock file unless these very ones are there. */
export async function installPeers(onProgress: (line: string) => void): Promise<void> {
  const lock = readFileSync(join(PEERS_FOLDER, 'package-lock.json'), 'utf8');
  const marker = join(PEERS_FOLDER, 'node_modules', '.installed-lock.json');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === lock) return;
  onProgress('installing the peers (about 250 MB; once)');
  await npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(marker, lock);
}

function npm(args: readonly string[]): Promise<void> {
  const child = spawn('npm', args, { cwd: PEERS_FOLDER, stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`npm ${args.join(' ')} in tools/bench/peers ended with exit code ${String(code)}; run it by hand to see why`));
    });
  });
}
