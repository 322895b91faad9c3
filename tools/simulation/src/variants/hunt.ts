import { planOf } from '../core/plan.ts';
import type { Variant } from '../fleet/variant.ts';
import { simulate, type Violation } from '../simulate.ts';

/** How a broken variant fared. */
export interface Hunt {
  /** The first seed that caught it; undefined: none did. */
  readonly seed: number | undefined;
  /** Seeds that were played. */
  readonly seeds: number;
  readonly violation: Violation | undefined;
}

/** Plays seeds from 1 on with a broken variant until a rule is broken. */
export async function hunt(variant: Variant, within: number): Promise<Hunt> {
  for (let seed = 1; seed <= within; seed++) {
    const { violation } = await simulate(planOf(seed), { variant });
    if (violation !== undefined) return { seed, seeds: seed, violation };
  }
  return { seed: undefined, seeds: within, violation: undefined };
}

/** The hunts as a table. */
export function huntTable(hunts: readonly { readonly name: string; readonly within: number; readonly hunt: Hunt }[]): string {
  const rows = hunts.map(({ name, within, hunt: { seed, violation } }) => [
    name,
    seed === undefined ? `SURVIVED ${within} seeds` : `seed ${seed} (of ${within})`,
    violation?.rule ?? '',
  ]);
  const head = ['broken variant', 'caught by', 'because'];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
