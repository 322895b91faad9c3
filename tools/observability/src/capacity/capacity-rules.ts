import type { RecordingRule } from '../rule.ts';

/** How much of each resource is in use, in percent, under the name by which capacity planning knows it. */
const USE: Readonly<Record<string, string>> = {
  memory: 'max(mainstay_memory_share)',
  heap: 'max(nodejs_heap_size_used_bytes / nodejs_heap_size_limit_bytes)',
  'event-loop': 'max(nodejs_eventloop_utilization_ratio)',
  'postgres-connections':
    'max(sum by (instance) (mainstay_postgres_pool_connections{state="busy"}) / sum by (instance) (mainstay_postgres_pool_limit))',
  'redis-memory': 'max(mainstay_redis_used_bytes) / (max(mainstay_redis_limit_bytes) > 0)',
};

export const capacityRecords: readonly RecordingRule[] = Object.entries(USE).map(([resource, share]) => ({
  record: 'capacity_utilization_percent',
  expr: `100 * (${share})`,
  labels: { resource_type: resource },
}));
