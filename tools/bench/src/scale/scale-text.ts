import type { Environment } from '../environment.ts';
import { environmentText } from '../report/text.ts';
import { table } from '../report/table.ts';
import type { Demand, PartResult } from './part.ts';

/** All of one call of the benchmark. */
export interface ScaleResults {
  readonly environment: Environment;
  readonly quick: boolean;
  readonly parts: readonly PartResult[];
}

/** The whole report for the terminal. */
export function scaleText({ environment, quick, parts }: ScaleResults): string {
  const notice = quick ? ['Quick: small numbers, so the figures say that everything works, not how fast it is.'] : [];
  return [environmentText(environment), ...notice, ...parts.map(partText), demandsText(parts), ''].join('\n\n');
}

function partText(result: PartResult): string {
  const heading = `${result.part}: ${result.title} (${result.seconds.toFixed(0)} s)`;
  if ('error' in result) return `${heading}\nFAILED: ${result.error}`;
  return [heading, ...result.report.tables.map(({ title, rows }) => `${title}\n${table(rows)}`)].join('\n\n');
}

function demandsText(parts: readonly PartResult[]): string {
  const rows = parts.flatMap((result) => {
    if ('error' in result) return [[`${result.part}: measured`, result.error.split('\n', 1)[0] ?? '', 'FAIL']];
    return result.report.demands.map((demand) => [`${result.part}: ${demand.demand}`, demand.measured, word(demand)]);
  });
  return `Demands\n${table(rows)}`;
}

function word({ kept }: Demand): string {
  if (kept === undefined) return 'not measured';
  return kept ? 'PASS' : 'FAIL';
}
