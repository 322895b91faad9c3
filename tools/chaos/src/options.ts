import { z } from 'zod';
import { type FaultKind, kindsOf } from './faults/kinds.ts';

const schema = z.object({
  /** Faults are made for so long; the end comes after. */
  durationMs: z.number().int().min(1_000).max(86_400_000).default(120_000),
  /** Names of kinds and groups. */
  faults: z.array(z.string()).min(1).default(['all']),
  seed: z.number().int().min(0).max(4_294_967_295).optional(),
  /** Rolling restart under load instead of faults. */
  rolling: z.boolean().default(false),
  orchestrators: z.number().int().min(1).max(16).default(2),
  workers: z.number().int().min(1).max(32).default(3),
  inFlight: z.number().int().min(1).max(10_000).default(40),
  /** Times beyond their bounds are part of the verdict. */
  strict: z.boolean().default(false),
  json: z.boolean().default(false),
  quiet: z.boolean().default(false),
  /** HTML; the same with `.json` beside it. */
  report: z.string().optional(),
  /** Keeps the folder with logs and data. */
  keep: z.boolean().default(false),
});

export type ChaosOptions = Omit<z.infer<typeof schema>, 'faults' | 'seed'> & {
  readonly kinds: readonly FaultKind[];
  readonly seed: number;
};

/** Options of a drill, or what is wrong with them. `chance` gives the seed where there is none. */
export function readOptions(given: unknown, chance: () => number): ChaosOptions | { readonly problem: string } {
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { problem: `${issue?.path.join('.') ?? 'options'}: ${issue?.message ?? 'not as expected'}` };
  }
  const { faults, seed = Math.floor(chance() * 4_294_967_296), ...others } = parsed.data;
  const rolling = others.rolling || (faults.length === 1 && faults[0] === 'rolling');
  const kinds = kindsOf(rolling ? ['processes'] : faults);
  if ('unknown' in kinds) return { problem: `there is no fault ${JSON.stringify(kinds.unknown)}; see mainstay chaos --help` };
  return { ...others, rolling, seed, kinds };
}
