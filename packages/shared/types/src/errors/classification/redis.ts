import type { Disposition, ErrorCode } from '../catalogue.ts';
import { classified, type Classifier } from './classification.ts';
import { textOf } from './shape.ts';

type Entry = readonly [code: ErrorCode, disposition?: Disposition];

/** First words of error replies. Those that are missing are mistakes of this program, such as WRONGTYPE. */
const REPLIES: Readonly<Record<string, Entry>> = {
  ASK: ['REDIS_UNAVAILABLE'],
  BUSY: ['REDIS_UNAVAILABLE'],
  BUSYGROUP: ['CONFLICT', 'terminal'],
  BUSYKEY: ['CONFLICT', 'terminal'],
  CLUSTERDOWN: ['REDIS_UNAVAILABLE'],
  LOADING: ['REDIS_UNAVAILABLE'],
  MASTERDOWN: ['REDIS_UNAVAILABLE'],
  MOVED: ['REDIS_UNAVAILABLE'],
  NOAUTH: ['REDIS_UNAVAILABLE'],
  NOPERM: ['CONFIG_INVALID'],
  NOREPLICAS: ['REDIS_UNAVAILABLE'],
  READONLY: ['REDIS_UNAVAILABLE'],
  TRYAGAIN: ['REDIS_UNAVAILABLE'],
  UNBLOCKED: ['REDIS_UNAVAILABLE'],
  WRONGPASS: ['REDIS_UNAVAILABLE'],
};

/** The client's own errors, by name. */
const NAMES: ReadonlySet<string> = new Set(['MaxRetriesPerRequestError', 'ClusterAllFailedError', 'InterruptError', 'ParserError']);

/** The client's own errors that are plain ones. */
const MESSAGES: readonly (readonly [RegExp, ErrorCode])[] = [
  [/^Connection is closed\.?$/, 'REDIS_UNAVAILABLE'],
  [/^Stream isn't writeable and enableOfflineQueue\b/, 'REDIS_UNAVAILABLE'],
  [/^Cluster (?:isn't ready|is disconnect(?:ed|ing))\b/, 'REDIS_UNAVAILABLE'],
  [/^None of startup nodes is available$/, 'REDIS_UNAVAILABLE'],
  [/^Too many Cluster redirections\b/, 'REDIS_UNAVAILABLE'],
  [/^All sentinels are unreachable\b/, 'REDIS_UNAVAILABLE'],
  // of the client when a connection ends; nobody asked for it, whatever its name says
  [/^Command (?:aborted|was aborted)\b/, 'REDIS_UNAVAILABLE'],
  [/^Command timed out$/, 'OPERATION_TIMEOUT'],
];

/** Errors of a Redis server and of ioredis. */
export const classifyRedis: Classifier = (error) => {
  const name = textOf(error, 'name') ?? '';
  const message = textOf(error, 'message') ?? '';
  if (NAMES.has(name)) return classified('REDIS_UNAVAILABLE', name);
  if (name === 'ReplyError') {
    const [word = ''] = message.split(' ', 1);
    const [code, disposition] = REPLIES[word] ?? (['INTERNAL', 'terminal'] as const);
    return classified(code, /^[A-Z]+$/.test(word) ? word : '', disposition);
  }
  const [, code] = MESSAGES.find(([pattern]) => pattern.test(message)) ?? [];
  return code === undefined ? undefined : classified(code, '');
};
