import { parseArgs } from 'node:util';
import { RESULTS } from '../options.ts';
import type { PairPlan } from './measure-pair.ts';

export interface PairCommandOptions {
  readonly plan: Omit<PairPlan, 'specs'>;
  readonly quick: boolean;
  readonly json: string;
  /** Folder for the CPU profiles of both arms' processes. */
  readonly profile: string | undefined;
}

export type ParsedPair = { readonly options: PairCommandOptions } | { readonly help: string } | { readonly problem: string };

/** Five starts of both arms, eight times 1,000 runs each: three minutes on two idle cores. */
const FULL: Omit<PairPlan, 'specs'> = {
  generations: 5,
  slices: 8,
  load: { runs: 1_000, inFlight: 200 },
  warmUpRuns: 6_000,
  limitMs: 240_000,
};
const QUICK: Omit<PairPlan, 'specs'> = { ...FULL, generations: 1, slices: 2, load: { runs: 200, inFlight: 200 }, warmUpRuns: 200 };

/** Reads the command line of `bench:<name>`; a problem says what was wrong. */
export function parsePairOptions(args: readonly string[], name: string, purpose: string): ParsedPair {
  const help = `${purpose}

  npx nx run bench:${name} [options]

  --processes N   times that both arms get new processes (default ${FULL.generations})
  --slices N      turns of each arm with the same processes (default ${FULL.slices})
  --runs N        runs in a turn (default ${FULL.load.runs})
  --in-flight N   runs at the same time (default ${FULL.load.inFlight})
  --seconds N     nothing is begun after so long (default ${FULL.limitMs / 1_000})
  --quick         few runs: shows that everything works, not how fast it is
  --json FILE     everything that was measured (default ${RESULTS}/${name}.json)
  --profile DIR   CPU profiles of both arms' processes, their flame graphs, and lists of their hottest functions
  --help          this text; behind -- when called through nx
`;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        processes: { type: 'string' },
        slices: { type: 'string' },
        runs: { type: 'string' },
        'in-flight': { type: 'string' },
        seconds: { type: 'string' },
        quick: { type: 'boolean', default: false },
        json: { type: 'string', default: `${RESULTS}/${name}.json` },
        profile: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return { help };
    const usual = values.quick ? QUICK : FULL;
    const plan = {
      ...usual,
      generations: numberOf('--processes', values.processes, usual.generations),
      slices: numberOf('--slices', values.slices, usual.slices),
      load: {
        runs: numberOf('--runs', values.runs, usual.load.runs),
        inFlight: numberOf('--in-flight', values['in-flight'], usual.load.inFlight),
      },
      limitMs: numberOf('--seconds', values.seconds, usual.limitMs / 1_000) * 1_000,
    };
    return { options: { plan, quick: values.quick, json: values.json, profile: values.profile } };
  } catch (error) {
    return { problem: `${error instanceof Error ? error.message : String(error)}. See --help.` };
  }
}

const MOST = 100_000;

function numberOf(option: string, text: string | undefined, usual: number): number {
  if (text === undefined) return usual;
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= MOST) return number;
  throw new Error(`${option} is "${text}"; it must be a whole number from 1 to ${MOST}`);
}
