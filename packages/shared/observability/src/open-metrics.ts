import type { MetricObjectWithValues, MetricValue, MetricValueWithName } from 'prom-client';
import { bucketKey, type Exemplar } from './exemplars.ts';

export const OPEN_METRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** Whether an Accept header asks for OpenMetrics, as Prometheus does. */
export function wantsOpenMetrics(accept: string | undefined): boolean {
  return (accept ?? '')
    .split(',')
    .some((range) => /^\s*application\/openmetrics-text\b/i.test(range) && !/;\s*q=0(?:\.0*)?\s*(?:;|$)/.test(range));
}

/**
 * Metrics in the OpenMetrics text format, version 1.0.0. prom-client's own cannot be had beside the older format, because it renames the
 * counters for good. `le` is written as in the older format, so that series do not change their names with it.
 */
export function openMetricsText(
  metrics: readonly MetricObjectWithValues<MetricValue<string> | MetricValueWithName<string>>[],
  defaults: Readonly<Record<string, string>>,
  exemplars: ReadonlyMap<string, Exemplar>,
): string {
  const lines: string[] = [];
  for (const { name, help, type, values } of metrics) {
    const kind = String(type);
    const family = kind === 'counter' ? name.replace(/_total$/, '') : name;
    lines.push(`# TYPE ${family} ${kind}`, `# HELP ${family} ${escaped(help)}`);
    for (const each of values) {
      const { labels, value } = each;
      const series = ('metricName' in each ? each.metricName : undefined) ?? name;
      lines.push(
        `${series}${labelText({ ...defaults, ...labels })} ${numberText(value)}${exemplarText(exemplarOf(name, labels, defaults, exemplars))}`,
      );
    }
  }
  return `${lines.join('\n')}\n# EOF\n`;
}

function exemplarOf(
  name: string,
  labels: Partial<Record<string, string | number>>,
  defaults: Readonly<Record<string, string>>,
  exemplars: ReadonlyMap<string, Exemplar>,
): Exemplar | undefined {
  if (exemplars.size === 0 || labels['le'] === undefined) return undefined;
  const own = Object.entries(labels).flatMap(([label, value]) =>
    value === undefined || label in defaults ? [] : [[label, value] as const],
  );
  return exemplars.get(bucketKey(name, Object.fromEntries(own)));
}

function exemplarText(exemplar: Exemplar | undefined): string {
  if (exemplar === undefined) return '';
  return ` # {trace_id="${exemplar.traceId}"} ${numberText(exemplar.value)} ${(exemplar.at / 1_000).toFixed(3)}`;
}

function labelText(labels: Readonly<Record<string, string | number | undefined>>): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escaped(String(value)).replaceAll('"', '\\"')}"`);
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return Number.isFinite(value) ? String(value) : value > 0 ? '+Inf' : '-Inf';
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
