/** Units as Grafana names them. */
export type Unit = 's' | 'percentunit' | 'percent' | 'bytes' | 'short' | 'reqps' | 'ops' | 'bool' | 'none';

export interface Query {
  readonly expr: string;
  /** Template of the series' name. */
  readonly legend: string;
}

export interface PanelFacts {
  readonly kind: 'stat' | 'graph';
  readonly title: string;
  /** What it shows, and what to think of it. */
  readonly description: string;
  readonly unit: Unit;
  readonly queries: readonly Query[];
  /** File names in docs/runbooks, without their ending. */
  readonly runbooks: readonly string[];
  /** Values from which on it is yellow, and red. Downwards when the first is the larger one. */
  readonly limits?: readonly [warning: number, critical: number];
}

export interface Row {
  readonly title: string;
  readonly panels: readonly PanelFacts[];
}

/** One dashboard: one audience, one question. */
export interface DashboardFacts {
  /** Part of its address and of its file's name. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly rows: readonly Row[];
}

interface More {
  readonly runbooks: readonly string[];
  readonly limits?: readonly [number, number];
}

/** One number. */
export function stat(title: string, unit: Unit, expr: string, description: string, more: More): PanelFacts {
  return { kind: 'stat', title, unit, queries: [{ expr, legend: title }], description, ...more };
}

/** Lines over time; queries by their legends. */
export function graph(
  title: string,
  unit: Unit,
  queries: Readonly<Record<string, string>>,
  description: string,
  runbooks: readonly string[],
): PanelFacts {
  return {
    kind: 'graph',
    title,
    unit,
    queries: Object.entries(queries).map(([legend, expr]) => ({ legend, expr })),
    description,
    runbooks,
  };
}

/** A quantile of a histogram over the interval that suits the graph. */
export function quantile(q: number, histogram: string, by: readonly string[] = [], selector = ''): string {
  return `histogram_quantile(${q}, sum by (${['le', ...by].join(', ')}) (rate(${histogram}_bucket${selector}[$__rate_interval])))`;
}

export function rate(counter: string, by: readonly string[] = []): string {
  return `sum${by.length === 0 ? '' : ` by (${by.join(', ')}) `}(rate(${counter}[$__rate_interval]))`;
}
