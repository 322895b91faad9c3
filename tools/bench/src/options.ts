import { parseArgs } from 'node:util';
import { ENGINE_NAMES, type EngineName } from './engines.ts';
import { WORKLOAD_NAMES, type WorkloadName } from './workloads.ts';

export interface Options {
  readonly rounds: number;
  readonly workloads: readonly WorkloadName[];
  readonly engines: readonly EngineName[];
  readonly quick: boolean;
  readonly json: string;
  readonly svg: string;
  /** Folder for the CPU profiles of Mainstay's processes. */
  readonly profile: string | undefined;
}

export type Parsed = { readonly options: Options } | { readonly help: string } | { readonly problem: string };

/** Relative to the workspace, where the command runs. */
export const RESULTS = 'tools/bench/results';
const MAX_ROUNDS = 100;

export const HELP = `Measures Mainstay beside its peers, interleaved, on the same private Postgres and Redis servers.

  npx nx run bench:peers [options]

  --rounds N         rounds of everything; medians are told (default 3)
  --workloads LIST   of ${WORKLOAD_NAMES.join(', ')} (default all)
  --engines LIST     of ${ENGINE_NAMES.join(', ')} (default all)
  --quick            one round with few runs: shows that everything works, not how fast it is
  --json FILE        results and every measurement (default ${RESULTS}/latest.json)
  --svg FILE         chart (default ${RESULTS}/latest.svg)
  --profile FOLDER   CPU profiles of Mainstay's processes, their flame graphs, and lists of their hottest functions
  --help             this text; behind -- when called through nx
`;

/** Reads the command line; a problem says what was wrong and what there is instead. */
export function parseOptions(args: readonly string[]): Parsed {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        rounds: { type: 'string' },
        workloads: { type: 'string' },
        engines: { type: 'string' },
        quick: { type: 'boolean', default: false },
        json: { type: 'string', default: `${RESULTS}/latest.json` },
        svg: { type: 'string', default: `${RESULTS}/latest.svg` },
        profile: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return { help: HELP };
    const { quick, json, svg, profile } = values;
    const rounds = values.rounds === undefined ? (quick ? 1 : 3) : roundsOf(values.rounds);
    const workloads = namesOf('--workloads', values.workloads, WORKLOAD_NAMES);
    const engines = namesOf('--engines', values.engines, ENGINE_NAMES);
    return { options: { rounds, workloads, engines, quick, json, svg, profile } };
  } catch (error) {
    return { problem: `${error instanceof Error ? error.message : String(error)}. See --help.` };
  }
}

function roundsOf(text: string): number {
  const rounds = Number(text);
  if (Number.isInteger(rounds) && rounds >= 1 && rounds <= MAX_ROUNDS) return rounds;
  throw new Error(`--rounds is "${text}"; it must be a whole number from 1 to ${MAX_ROUNDS}`);
}

/** The known names that the list has, in their own order; throws when it has others. */
export function namesOf<N extends string>(option: string, text: string | undefined, known: readonly N[]): readonly N[] {
  if (text === undefined) return known;
  const given = text.split(',').map((name) => name.trim());
  const unknown = given.filter((name) => !known.some((one) => one === name));
  if (unknown.length > 0)
    throw new Error(`${option} names ${unknown.map((name) => `"${name}"`).join(', ')}; there are ${known.join(', ')}`);
  return known.filter((name) => given.includes(name));
}
