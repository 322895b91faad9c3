import type { Fault, Plan } from '../core/plan.ts';
import type { Variant } from '../fleet/variant.ts';
import { simulate } from '../simulate.ts';

/** Histories that are played at most in search of a shorter one. */
const MAX_PLAYS = 60;

/** The faults without those that the violation of a rule does not need: none of the rest can be left out alone. */
export async function shrink(plan: Plan, faults: readonly Fault[], rule: string, variant: Variant): Promise<readonly Fault[]> {
  let kept = faults;
  for (let plays = 0, at = 0; at < kept.length && plays < MAX_PLAYS; plays++) {
    const fewer = kept.filter((_, index) => index !== at);
    const { violation } = await simulate(plan, { faults: fewer, variant });
    if (violation?.rule === rule) kept = fewer;
    else at++;
  }
  return kept;
}
