import { ALL_KINDS, FAULT_GROUPS, type FaultKind } from './kinds.ts';

const WIDTH = 18;
const NOTES: Partial<Readonly<Record<string, string>>> = { disk: ' (needs the right to mount)' };
/** Groups that are made of other groups. */
const SUMS: Readonly<Record<string, string>> = { processes: 'worker and orchestrator', all: 'all of them' };

const row = (name: string, text: string): string => `  ${name.padEnd(WIDTH)}${text}`;

/** What `--faults` takes, one group per line, for the help of the command line. */
export function kindsText(): string {
  const groups = Object.entries(FAULT_GROUPS).filter(([name]) => !(name in SUMS));
  const grouped = new Set<FaultKind>(groups.flatMap(([, kinds]) => kinds));
  const alone = ALL_KINDS.filter((kind) => !grouped.has(kind));
  return [
    ...groups.map(([name, kinds]) => row(name, kinds.join(', ') + (NOTES[name] ?? ''))),
    row('and', alone.join(', ')),
    ...Object.entries(SUMS).map(([name, text]) => row(name, text)),
    row('rolling', 'no faults: orchestrators and workers are replaced one after another under 200 requests/s'),
  ].join('\n');
}
