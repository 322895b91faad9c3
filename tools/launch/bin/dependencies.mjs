/** Whether node_modules is what package-lock.json says, and how to make it so. Runs on Node 20 without any dependency. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One hash over the lock file and every package.json of the workspace. */
export function dependencyHash(root) {
  const hash = createHash('sha256');
  for (const file of ['package-lock.json', ...manifests(root)])
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(root, file)))
      .update('\0');
  return hash.digest('hex');
}

/** Relative paths of the workspace's package.json files, sorted; patterns may end in `/*`. */
function manifests(root) {
  const { workspaces = [] } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const folders = workspaces.flatMap((pattern) => (pattern.endsWith('/*') ? children(root, pattern.slice(0, -2)) : [pattern]));
  const files = [...new Set(folders)].map((folder) => `${folder}/package.json`).filter((file) => existsSync(join(root, file)));
  return ['package.json', ...files.sort()];
}

function children(root, folder) {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${folder}/${entry.name}`);
}

const hashFile = (root) => join(root, 'node_modules', '.mainstay-lock-hash');

/** True if the last installation was made for the present lock file and manifests, and Node 24 is there. */
export function isInstalled(root) {
  if (!existsSync(join(root, 'node_modules', '.bin', 'node')) || !existsSync(hashFile(root))) return false;
  return readFileSync(hashFile(root), 'utf8').trim() === dependencyHash(root);
}

/** Remembers that node_modules is what the present files ask for. */
export function markInstalled(root) {
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  writeFileSync(hashFile(root), `${dependencyHash(root)}\n`);
}

/** Runs `npm ci` with its progress in the terminal; gives its exit code. */
export function install(root, command = ['npm', 'ci', '--no-audit', '--no-fund']) {
  const [file, ...args] = command;
  const child = spawn(file, args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? (signal === null ? 1 : 130)));
  });
}
