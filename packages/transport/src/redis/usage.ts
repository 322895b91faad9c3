import type { Redis } from 'ioredis';
import type { CarrierUsage } from '../transport.ts';
import { isReply } from './errors.ts';

const NOTHING: CarrierUsage = { usedBytes: 0, limitBytes: 0, evictedKeys: 0, clients: 0 };

/** From INFO; all 0 when the server does not let us ask. */
export async function usageOf(redis: Redis): Promise<CarrierUsage> {
  try {
    return parseUsage(await redis.info());
  } catch (error) {
    if (!isReply(error, 'NOPERM', 'ERR')) throw error;
    return NOTHING;
  }
}

export function parseUsage(info: string): CarrierUsage {
  const figure = (name: string): number => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);
  return {
    usedBytes: figure('used_memory'),
    limitBytes: figure('maxmemory'),
    evictedKeys: figure('evicted_keys'),
    clients: figure('connected_clients'),
  };
}
