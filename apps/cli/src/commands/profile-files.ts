import { constants } from 'node:fs';
import { access, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { asCpuProfile, type CpuProfile } from '@mainstay/profiling';
import { ValidationError } from '@mainstay/types';
import { readJsonFile, reasonOf } from './values.ts';

/** Rejects with VALIDATION_FAILED when the folder of a file to be written cannot be written into. */
export async function checkTarget(cwd: string, path: string): Promise<void> {
  try {
    await access(dirname(resolve(cwd, path)), constants.W_OK);
  } catch (error) {
    throw unwritable(path, error);
  }
}

export async function writeText(cwd: string, path: string, text: string): Promise<void> {
  try {
    await writeFile(resolve(cwd, path), text);
  } catch (error) {
    throw unwritable(path, error);
  }
}

export async function readProfile(cwd: string, path: string): Promise<CpuProfile> {
  return asCpuProfile(await readJsonFile(resolve(cwd, path), 'the profile'));
}

function unwritable(path: string, error: unknown): ValidationError {
  return new ValidationError('VALIDATION_FAILED', `${path} cannot be written: ${reasonOf(error)}`, { cause: error });
}
