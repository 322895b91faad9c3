import { getHeapStatistics } from 'node:v8';
import { residentBytes } from './resident-bytes.ts';

let known = 0;

/**
 * As `process.memoryUsage`, which opens a file and throws when this process has no file handles left: then what the engine of
 * JavaScript tells, and the resident memory and the array buffers of the look before. Never throws.
 */
export function memoryUsage(look: () => NodeJS.MemoryUsage = process.memoryUsage): NodeJS.MemoryUsage {
  try {
    const usage = look();
    known = usage.arrayBuffers;
    residentBytes(() => usage.rss);
    return usage;
  } catch {
    const { used_heap_size: heapUsed, total_heap_size: heapTotal, external_memory: external } = getHeapStatistics();
    return { rss: residentBytes(), heapUsed, heapTotal, external, arrayBuffers: known };
  }
}
