import type { BenchServers } from '../servers/bench-servers.ts';

export const PART_NAMES = ['growth', 'overload', 'idle', 'scale-out', 'payloads'] as const;
export type PartName = (typeof PART_NAMES)[number];

/** What a part works with. */
export interface Scene {
  readonly servers: BenchServers;
  /** Small numbers: shows that everything works, not how fast it is. */
  readonly quick: boolean;
  /** Aborts when the part's time is over. */
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
}

/** A demand on a part's figures, and whether they keep it; undefined where that was not measured. */
export interface Demand {
  readonly demand: string;
  readonly measured: string;
  readonly kept: boolean | undefined;
}

export interface Report {
  readonly tables: readonly { readonly title: string; readonly rows: readonly (readonly string[])[] }[];
  readonly demands: readonly Demand[];
}

/** What a part found: its figures for other programs, and its report for people. */
export interface Findings {
  readonly figures: unknown;
  readonly report: Report;
}

export interface Part {
  readonly name: PartName;
  readonly title: string;
  /** It is given up after so long. */
  readonly limitMs: number;
  measure(scene: Scene): Promise<Findings>;
}

/** One part, done once or given up. */
export type PartResult = {
  readonly part: PartName;
  readonly title: string;
  readonly seconds: number;
} & (Findings | { readonly error: string });

export function atLeast(demand: string, value: number | undefined, least: number, show: (value: number) => string): Demand {
  return { demand, measured: value === undefined ? '–' : show(value), kept: value === undefined ? undefined : value >= least };
}

export function below(demand: string, value: number | undefined, limit: number, show: (value: number) => string): Demand {
  return { demand, measured: value === undefined ? '–' : show(value), kept: value === undefined ? undefined : value < limit };
}

export function exactly(demand: string, value: number, wanted: number): Demand {
  return { demand, measured: value.toLocaleString('en-US'), kept: value === wanted };
}
