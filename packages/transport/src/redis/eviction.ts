import { ConfigurationError } from '@mainstay/types';
import type { Redis } from 'ioredis';
import type { Transport } from '../transport.ts';
import { isReply } from './errors.ts';
import { strings } from './replies.ts';

/** The only policy under which a full Redis refuses writes instead of dropping tasks. */
export const SAFE_POLICY = 'noeviction';

/** `maxmemory-policy` of the server; `unknown` when it tells neither by CONFIG nor by INFO. */
export async function evictionPolicyOf(redis: Redis): Promise<string> {
  try {
    const [, policy] = strings(await redis.config('GET', 'maxmemory-policy'));
    if (policy !== undefined && policy !== '') return policy;
  } catch (error) {
    if (!isReply(error, 'NOPERM', 'ERR')) throw error;
  }
  try {
    return /^maxmemory_policy:(\S+)/m.exec(await redis.info('memory'))?.[1] ?? 'unknown';
  } catch (error) {
    if (!isReply(error, 'NOPERM', 'ERR')) throw error;
    return 'unknown';
  }
}

/** Throws REDIS_EVICTS when the carrier may drop what lies in it. */
export async function assertNoEviction(transport: Pick<Transport, 'evictionPolicy'>): Promise<void> {
  const policy = await transport.evictionPolicy();
  if (policy === SAFE_POLICY) return;
  throw new ConfigurationError(
    'REDIS_EVICTS',
    `Redis has maxmemory-policy ${policy} and may drop tasks when its memory is full. Set maxmemory-policy ${SAFE_POLICY} on it.`,
    { details: { policy, wanted: SAFE_POLICY } },
  );
}
