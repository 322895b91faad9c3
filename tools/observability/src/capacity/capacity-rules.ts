import type { RecordCase, RecordingRule } from '../rule.ts';

interface Use {
  readonly share: string;
  readonly cases: readonly RecordCase[];
}

/** How much of each resource is in use, under the name by which capacity planning knows it. */
const USE: Readonly<Record<string, Use>> = {
  memory: {
    share: 'max(mainstay_memory_share)',
    cases: [{ series: { 'mainstay_memory_share{instance="a"}': '0.25x5', 'mainstay_memory_share{instance="b"}': '0.5x5' }, value: 50 }],
  },
  heap: {
    share: 'max(nodejs_heap_size_used_bytes / nodejs_heap_size_limit_bytes)',
    cases: [{ series: { nodejs_heap_size_used_bytes: '30x5', nodejs_heap_size_limit_bytes: '120x5' }, value: 25 }],
  },
  'event-loop': {
    share: 'max(nodejs_eventloop_utilization_ratio)',
    cases: [{ series: { nodejs_eventloop_utilization_ratio: '0.75x5' }, value: 75 }],
  },
  'postgres-connections': {
    share: 'max(sum by (instance) (mainstay_postgres_pool_connections{state="busy"}) / sum by (instance) (mainstay_postgres_pool_limit))',
    cases: [
      {
        series: {
          'mainstay_postgres_pool_connections{state="busy",instance="a"}': '3x5',
          'mainstay_postgres_pool_connections{state="idle",instance="a"}': '1x5',
          'mainstay_postgres_pool_limit{instance="a"}': '4x5',
          'mainstay_postgres_pool_connections{state="busy",instance="b"}': '1x5',
          'mainstay_postgres_pool_limit{instance="b"}': '10x5',
        },
        value: 75,
      },
    ],
  },
  'redis-memory': {
    share: 'max(mainstay_redis_used_bytes) / (max(mainstay_redis_limit_bytes) > 0)',
    cases: [
      { series: { mainstay_redis_used_bytes: '20x5', mainstay_redis_limit_bytes: '80x5' }, value: 25 },
      { series: { mainstay_redis_used_bytes: '20x5', mainstay_redis_limit_bytes: '0x5' }, value: undefined },
    ],
  },
};

export const capacityRecords: readonly RecordingRule[] = Object.entries(USE).map(([resource, { share, cases }]) => ({
  record: 'capacity_utilization_percent',
  expr: `100 * (${share})`,
  labels: { resource_type: resource },
  test: { atMinute: 3, cases },
}));
