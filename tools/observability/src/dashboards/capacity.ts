import { type DashboardFacts, graph, rate, stat } from './panel-facts.ts';

const of = (resource: string): string => `capacity_utilization_percent{resource_type="${resource}"}`;

export const capacity: DashboardFacts = {
  name: 'capacity',
  title: 'Capacity',
  description: 'How much of what there is, is used. For planning.',
  rows: [
    {
      title: 'Use',
      panels: [
        stat('Memory', 'percent', of('memory'), 'Of the fullest process, of its limit.', {
          runbooks: ['heap-near-limit', 'emergency'],
          limits: [80, 90],
        }),
        stat('Heap', 'percent', of('heap'), 'Of the fullest process.', { runbooks: ['heap-near-limit'], limits: [75, 90] }),
        stat('Event loop', 'percent', of('event-loop'), 'Of the busiest process.', { runbooks: ['event-loop-busy'], limits: [70, 90] }),
        stat('Connections to Postgres', 'percent', of('postgres-connections'), 'Of the busiest orchestrator.', {
          runbooks: ['connection-pool-exhausted'],
          limits: [80, 100],
        }),
        graph('Use of all resources', 'percent', { '{{resource_type}}': 'capacity_utilization_percent' }, 'Of the fullest process each.', [
          'heap-near-limit',
          'connection-pool-exhausted',
        ]),
        graph(
          'Memory of processes',
          'bytes',
          { '{{instance}} resident': 'process_resident_memory_bytes', '{{instance}} external': 'nodejs_external_memory_bytes' },
          'Resident: all of it. External: buffers outside of the heap.',
          ['heap-near-limit'],
        ),
      ],
    },
    {
      title: 'Processes',
      panels: [
        graph('CPU', 'short', { '{{instance}}': rate('process_cpu_seconds_total', ['instance']) }, 'Cores in use.', ['event-loop-busy']),
        graph(
          'Heap',
          'bytes',
          {
            '{{instance}} used': 'nodejs_heap_size_used_bytes',
            '{{instance}} reserved': 'nodejs_heap_size_total_bytes',
            '{{instance}} limit': 'nodejs_heap_size_limit_bytes',
          },
          'The process dies when it is full.',
          ['heap-near-limit'],
        ),
        graph(
          'Garbage collection',
          'percentunit',
          { '{{instance}} {{kind}}': rate('nodejs_gc_duration_seconds_sum', ['instance', 'kind']) },
          'Share of time.',
          ['heap-near-limit'],
        ),
        graph(
          'Delay of the event loop',
          's',
          { '{{instance}}': 'mainstay_event_loop_lag_seconds' },
          '99th percentile between two scrapes.',
          ['event-loop-lag'],
        ),
        graph(
          'Event loop',
          'percentunit',
          { '{{instance}}': 'nodejs_eventloop_utilization_ratio' },
          'Share of time in which it was busy.',
          ['event-loop-busy'],
        ),
        graph(
          'Open',
          'short',
          { 'event streams': 'sum(mainstay_open_event_streams)', '{{instance}} resources': 'nodejs_active_resources' },
          'Streams of clients; sockets, timers and files that keep a process alive.',
          ['event-loop-busy'],
        ),
        graph('Uptime', 's', { '{{instance}}': 'time() - process_start_time_seconds' }, 'A line that falls to 0 is a restart.', [
          'process-restarts',
        ]),
        graph(
          'Cache',
          'percentunit',
          {
            '{{cache}}': `${rate('mainstay_cache_requests_total{result="hit"}', ['cache'])} / ${rate('mainstay_cache_requests_total', ['cache'])}`,
          },
          'Share of reads that are answered from it.',
          ['cache-hit-rate'],
        ),
      ],
    },
  ],
};
