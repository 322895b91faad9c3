import { metricCatalogue, type MetricFacts, processMetricCatalogue } from '@mainstay/observability';

/** Every metric that a process of Mainstay can show. */
export const allMetrics: Readonly<Record<string, MetricFacts>> = { ...metricCatalogue, ...processMetricCatalogue };

/** The table of docs/OBSERVABILITY.md. */
export function metricsTable(): string {
  const rows = Object.entries(allMetrics).map(([name, { type, unit, labels, help }]) =>
    row(`\`${name}\``, type, unit ?? '', labels.map((label) => `\`${label}\``).join(', '), help),
  );
  return [row('metric', 'type', 'unit', 'labels', 'says'), row('---', '---', '---', '---', '---'), ...rows].join('\n');
}

function row(...cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
