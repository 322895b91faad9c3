import { parseArgs } from 'node:util';
import { RESULTS } from '../options.ts';

export interface ResilienceOptions {
  /** Processes per subject. */
  readonly rounds: number;
  readonly quick: boolean;
  readonly json: string;
}

export type ParsedResilience = { readonly options: ResilienceOptions } | { readonly help: string } | { readonly problem: string };

const MAX_ROUNDS = 100;

const HELP = `Measures what a successful call costs under retry, breaker and timeout, beside others, and what breakers take.

  npx nx run bench:resilience [options]

  --rounds N    processes per subject; medians are told (default 5)
  --quick       one process each with few calls: shows that everything works, not how fast it is
  --json FILE   everything that was measured (default ${RESULTS}/resilience.json)
  --help        this text; behind -- when called through nx
`;

/** Reads the command line; a problem says what was wrong and what there is instead. */
export function parseResilienceOptions(args: readonly string[]): ParsedResilience {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        rounds: { type: 'string' },
        quick: { type: 'boolean', default: false },
        json: { type: 'string', default: `${RESULTS}/resilience.json` },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return { help: HELP };
    const rounds = Number(values.rounds ?? (values.quick ? 1 : 5));
    if (!Number.isInteger(rounds) || rounds < 1 || rounds > MAX_ROUNDS) {
      return { problem: `--rounds must be a whole number from 1 to ${MAX_ROUNDS}, not ${values.rounds ?? ''}. See --help.` };
    }
    return { options: { rounds, quick: values.quick, json: values.json } };
  } catch (error) {
    return { problem: `${error instanceof Error ? error.message : String(error)}. See --help.` };
  }
}
