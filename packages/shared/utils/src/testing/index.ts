export { FakeClock } from './fake-clock.ts';
export { MemoryCacheBus, MemoryCacheStore } from './memory-cache-store.ts';
