import { type Classification, classified, type Classifier } from './classification.ts';
import { causesOf, type Shape, textOf } from './shape.ts';

/** Something ran out, though everything can be reached. */
export interface Shortage {
  readonly code: 'DISK_FULL' | 'POSTGRES_EXHAUSTED' | 'REDIS_FULL' | 'OUT_OF_FILE_HANDLES';
  /** What it was, as in `details.resource`. */
  readonly resource: string;
}

/** Codes of Postgres; others of the class 53 are some limit of its configuration. */
const STATES: Readonly<Record<string, Shortage>> = {
  '53100': { code: 'DISK_FULL', resource: 'postgres-disk' },
  '53200': { code: 'POSTGRES_EXHAUSTED', resource: 'postgres-memory' },
  '53300': { code: 'POSTGRES_EXHAUSTED', resource: 'postgres-connections' },
};
const OTHER_STATE: Shortage = { code: 'POSTGRES_EXHAUSTED', resource: 'postgres-limit' };

/** Codes of the operating system. */
const SYSTEM: Readonly<Record<string, Shortage>> = {
  EDQUOT: { code: 'DISK_FULL', resource: 'disk' },
  ENOSPC: { code: 'DISK_FULL', resource: 'disk' },
  EMFILE: { code: 'OUT_OF_FILE_HANDLES', resource: 'file-handles' },
  ENFILE: { code: 'OUT_OF_FILE_HANDLES', resource: 'file-handles' },
};

const REDIS: Shortage = { code: 'REDIS_FULL', resource: 'redis' };
/** The server has no memory left, or cannot write to its disk. Within a script, the words stand in the midst of the reply. */
const REDIS_WORDS = /\b(OOM command not allowed|MISCONF )/;

/** What ran out, by the first of the error and its causes that says so. Undefined where nothing did. */
export function shortageOf(thrown: unknown): Shortage | undefined {
  for (const error of causesOf(thrown)) {
    const [shortage] = named(error) ?? [];
    if (shortage !== undefined) return shortage;
  }
  return undefined;
}

/** Errors of Postgres, of Redis and of the operating system that say that something ran out. */
export const classifyShortage: Classifier = (error): Classification | undefined => {
  const found = named(error);
  if (found === undefined) return undefined;
  const [{ code, resource }, reason] = found;
  const { details, ...rest } = classified(code, reason);
  return { ...rest, details: { ...details, resource } };
};

/** The shortage and the other's word for it. */
function named(error: Shape): readonly [shortage: Shortage, reason: string] | undefined {
  const code = textOf(error, 'code') ?? '';
  const known = ofCode(code);
  if (known !== undefined) return [known, code];
  if (textOf(error, 'name') !== 'ReplyError') return undefined;
  const [, words] = REDIS_WORDS.exec(textOf(error, 'message') ?? '') ?? [];
  return words === undefined ? undefined : [REDIS, words.split(' ', 1)[0] ?? ''];
}

function ofCode(code: string): Shortage | undefined {
  if (/^53[0-9A-Z]{3}$/.test(code)) return STATES[code] ?? OTHER_STATE;
  return Object.hasOwn(SYSTEM, code) ? SYSTEM[code] : undefined;
}
