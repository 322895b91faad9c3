import { faultText, type Fault, type Plan } from '../core/plan.ts';
import type { Variant } from '../fleet/variant.ts';
import { type Line, simulate, type Violation } from '../simulate.ts';
import { shrink } from './shrink.ts';

/** The last so many lines are told. */
const MAX_LINES = 150;

/** Plays a history that breaks a rule with as few faults as are needed, and tells what happened to what it is about. */
export async function tellViolation(plan: Plan, faults: readonly Fault[], { rule }: Violation, variant: Variant): Promise<string> {
  const fewest = await shrink(plan, faults, rule, variant);
  const lines: Line[] = [];
  const { violation } = await simulate(plan, { faults: fewest, variant, onLine: (line) => lines.push(line) });
  if (violation === undefined) return 'The replay went another way: the simulation is not deterministic.\n';
  const numbers = fewest.map((fault) => plan.faults.findIndex((one) => faultText(one) === faultText(fault)));
  return [
    `Seed ${plan.seed} breaks a rule: ${violation.rule}`,
    `  ${violation.what}${violation.run === undefined ? '' : ` (run ${violation.run})`}, at ${seconds(violation.at)}`,
    `Of its ${plan.faults.length} faults it takes ${fewest.length}:`,
    ...fewest.map((fault, index) => `  ${numbers[index] ?? 0}: ${faultText(fault)}`),
    ...historyLines(lines.filter(concerns(violation)).slice(-MAX_LINES)),
    `Replay: npx nx run simulation:run -- --seed ${plan.seed} --faults "${numbers.join(',')}"`,
    '',
  ].join('\n');
}

/** As text, with the runs' ids cut short. */
export function historyLines(lines: readonly Line[]): string[] {
  return lines.map(({ at, who, what }) => `  ${seconds(at).padStart(10)}  ${who.padEnd(9)} ${shortIds(what)}`);
}

/** What befell the run in question, and what befell everybody. */
function concerns({ run }: Violation): (line: Line) => boolean {
  return ({ who, what }) => {
    if (who === 'fault' || who === 'faults' || who === 'VIOLATION' || !/[0-9a-f]{8}-/.test(what)) return true;
    return run === undefined || what.includes(run);
  };
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(3)} s`;
}

/** The last digits tell the ids of a simulation apart. */
function shortIds(text: string): string {
  return text.replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{7}([0-9a-f]{5})/g, '…$1');
}
