import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { declaredLicence } from './licence-class.ts';

const MAX_BYTES = 256 * 1024;
const packageJson = z.looseObject({ license: z.unknown().optional(), licenses: z.unknown().optional() });

/** A lockfile may name any folder; only ones below the target are looked into. */
function staysInside(folder: string): boolean {
  return folder !== '' && !folder.startsWith('/') && !folder.includes('\\') && !folder.split('/').includes('..');
}

/** The licence that an installed package declares; undefined when it is not installed or declares none. */
export async function installedLicence(root: string, folder: string): Promise<string | undefined> {
  if (!staysInside(folder)) return undefined;
  try {
    const file = await open(join(root, folder, 'package.json'), 'r');
    try {
      const facts = await file.stat();
      if (!facts.isFile() || facts.size > MAX_BYTES) return undefined;
      const { license, licenses } = packageJson.parse(JSON.parse(await file.readFile('utf8')));
      return declaredLicence(license) ?? declaredLicence(licenses);
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}
