import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { durationMs } from '@mainstay/config';
import { ValidationError } from '@mainstay/types';
import { InvalidArgumentError } from 'commander';
import type { Io } from '../io.ts';

/** JSON where it is JSON, else the text itself. */
export function parseAnswer(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** The JSON of an option: itself, the file after `@`, or standard input for `-`. */
export async function readInput(option: string, source: string, io: Io): Promise<unknown> {
  if (source === '-') return parseJson(await readAll(io.stdin), `${option} (standard input)`);
  if (source.startsWith('@')) return readJsonFile(resolve(io.cwd, source.slice(1)), option);
  return parseJson(source, option);
}

export async function readJsonFile(path: string, what: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new ValidationError('VALIDATION_FAILED', `${what}: ${path} cannot be read: ${reasonOf(error)}`, { cause: error });
  }
  return parseJson(text, `${what} (${path})`);
}

export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ValidationError('VALIDATION_FAILED', `${what} is not JSON: ${reason}`, { cause: error });
  }
}

/** Why a file cannot be used, in words. */
export function reasonOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
      return 'it does not exist';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EISDIR':
      return 'it is a folder';
    case 'ENOTDIR':
      return 'a part of the path is not a folder';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}

/** Parses an option such as `90s`, `5m` or `1500` (milliseconds). */
export function parseDuration(text: string): number {
  const parsed = durationMs({ min: 1 }).safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError('Give a duration such as 1500ms, 90s or 5m.');
}

/** A parser of whole numbers within bounds. */
export function parseInteger(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
  };
}
