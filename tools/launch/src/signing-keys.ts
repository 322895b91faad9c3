import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The configured signing keys, else those of the data folder, which are made once (mode 0600) and shared by all who use it. */
export function signingKeys(dataDir: string, configured: string | undefined): string {
  if (configured !== undefined && configured !== '') return configured;
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, 'signing.keys');
  const half = `${file}.${String(process.pid)}`;
  writeFileSync(half, `local:${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
  try {
    linkSync(half, file);
  } catch (error) {
    if (!(typeof error === 'object' && error !== null && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(half, { force: true });
  }
  return readFileSync(file, 'utf8').trim();
}
