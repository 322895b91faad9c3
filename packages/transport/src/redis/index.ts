export { assertNoEviction, SAFE_POLICY } from './eviction.ts';
export { reconnectDelay, type RedisTransportOptions } from './options.ts';
export { createRedisCache, type RedisCache, type RedisCacheOptions } from './redis-cache.ts';
export { createRedisTransport } from './redis-transport.ts';
