import { parseArgs } from 'node:util';
import { namesOf, RESULTS } from '../options.ts';
import { PART_NAMES, type PartName } from './part.ts';

export interface ScaleOptions {
  readonly parts: readonly PartName[];
  readonly quick: boolean;
  readonly json: string;
}

export type ParsedScale = { readonly options: ScaleOptions } | { readonly help: string } | { readonly problem: string };

const HELP = `Measures how Mainstay behaves with a long history, under too much load, idle, with more processes, and with large outputs.

  npx nx run bench:scale [options]

  --only LIST   of ${PART_NAMES.join(', ')} (default all)
  --quick       small numbers: shows that everything works, not how fast it is
  --json FILE   everything that was measured (default ${RESULTS}/scale.json)
  --help        this text; behind -- when called through nx
`;

/** Reads the command line; a problem says what was wrong and what there is instead. */
export function parseScaleOptions(args: readonly string[]): ParsedScale {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        only: { type: 'string' },
        quick: { type: 'boolean', default: false },
        json: { type: 'string', default: `${RESULTS}/scale.json` },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return { help: HELP };
    return { options: { parts: namesOf('--only', values.only, PART_NAMES), quick: values.quick, json: values.json } };
  } catch (error) {
    return { problem: `${error instanceof Error ? error.message : String(error)}. See --help.` };
  }
}
