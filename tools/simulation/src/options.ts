import { parseArgs } from 'node:util';

export interface Options {
  readonly from: number;
  /** How many seeds; Infinity where something else is the limit. */
  readonly seeds: number;
  /** Goes on until so many steps were taken. */
  readonly steps: number;
  readonly minutes: number;
  /** Of the plan, by their place in it; undefined: all. */
  readonly faults: readonly number[] | undefined;
  readonly keepGoing: boolean;
  readonly verbose: boolean;
}

export type Parsed = { readonly options: Options } | { readonly help: string } | { readonly problem: string };

const DEFAULT_SEEDS = 1_000;

export const HELP = `Plays the protocol of Mainstay, the real engine and the real workers, in simulated time, with faults; one history for each seed.

  npx nx run simulation:run -- [options]

  --seeds N       how many seeds (default ${DEFAULT_SEEDS}, or no limit where another one is given)
  --from S        the first seed (default 1)
  --steps N       ends when so many steps have been taken
  --minutes M     ends after so many minutes
  --keep-going    does not end at the first violation
  --seed S        this seed alone
  --faults LIST   of the seed's faults only these, by number (for a replay)
  --verbose       with --seed: tells all of its history, not only what led to a violation
  --help          this text

A violation is told with the fewest faults that still lead to it, and what happened; --seed and --faults replay it exactly.
Exit code 0: no rule was broken; 1: one was; 2: wrong options.
`;

/** Reads the command line; a problem says what was wrong. */
export function parseOptions(args: readonly string[]): Parsed {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seeds: { type: 'string' },
        from: { type: 'string', default: '1' },
        seed: { type: 'string' },
        steps: { type: 'string' },
        minutes: { type: 'string' },
        faults: { type: 'string' },
        'keep-going': { type: 'boolean', default: false },
        verbose: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return { help: HELP };
    const { seed, faults, verbose } = values;
    if ((faults !== undefined || verbose) && seed === undefined) throw new Error('--faults and --verbose go with --seed');
    const steps = values.steps === undefined ? Infinity : whole('--steps', values.steps);
    const minutes = values.minutes === undefined ? Infinity : whole('--minutes', values.minutes);
    const unlimited = steps < Infinity || minutes < Infinity;
    const seeds = values.seeds === undefined ? (unlimited ? Infinity : DEFAULT_SEEDS) : whole('--seeds', values.seeds);
    return {
      options: {
        ...{ steps, minutes, verbose, keepGoing: values['keep-going'] },
        from: seed === undefined ? whole('--from', values.from) : whole('--seed', seed),
        seeds: seed === undefined ? seeds : 1,
        faults: faults === undefined ? undefined : listOf(faults),
      },
    };
  } catch (error) {
    return { problem: `${error instanceof Error ? error.message : String(error)}. See --help.` };
  }
}

function whole(option: string, text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(number) && number >= 0 && number < 2 ** 31) return number;
  throw new Error(`${option} is "${text}"; it must be a whole number from 0 to 2,147,483,647`);
}

function listOf(text: string): readonly number[] {
  return text.trim() === '' ? [] : text.split(',').map((one) => whole('--faults', one));
}
