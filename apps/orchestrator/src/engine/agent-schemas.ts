import type { AgentOffer, JsonObject, JsonValue } from '@mainstay/types';
import { z } from 'zod';
import { acceptsAll } from './accepts-all.ts';

type Check = (value: JsonValue) => readonly string[];

interface Checks {
  readonly input: Check;
  readonly output: Check;
}

const NO_PROBLEMS: readonly string[] = [];
const NO_CHECK: Check = () => NO_PROBLEMS;
const NO_CHECKS: Checks = { input: NO_CHECK, output: NO_CHECK };

/** At most so many problems are listed. */
const MAX_PROBLEMS = 20;

/**
 * The schemas that workers announce for their agents, ready for use. A schema that cannot be understood here checks
 * nothing: the worker enforces its own in any case.
 */
export class AgentSchemas {
  readonly #compiled = new WeakMap<JsonObject, Check>();
  readonly #offers: () => ReadonlyMap<string, AgentOffer>;
  readonly #onUnusable: (kind: string, error: unknown) => void;
  /** By kind, for the offers that they were made from. */
  readonly #checks = new Map<string, Checks>();
  #madeFrom: ReadonlyMap<string, AgentOffer> | undefined;

  constructor(offers: () => ReadonlyMap<string, AgentOffer>, onUnusable: (kind: string, error: unknown) => void) {
    this.#offers = offers;
    this.#onUnusable = onUnusable;
  }

  inputProblems(kind: string, input: JsonValue): readonly string[] {
    return this.#checksOf(kind).input(input);
  }

  outputProblems(kind: string, output: JsonValue): readonly string[] {
    return this.#checksOf(kind).output(output);
  }

  #checksOf(kind: string): Checks {
    const offers = this.#offers();
    if (offers !== this.#madeFrom) {
      this.#checks.clear();
      this.#madeFrom = offers;
    }
    let checks = this.#checks.get(kind);
    if (checks === undefined) {
      const offer = offers.get(kind);
      if (offer === undefined) return NO_CHECKS;
      checks = { input: this.#check(kind, offer.input), output: this.#check(kind, offer.output) };
      this.#checks.set(kind, checks);
    }
    return checks;
  }

  #check(kind: string, schema: JsonObject): Check {
    let check = this.#compiled.get(schema);
    if (check === undefined) {
      check = acceptsAll(schema) ? NO_CHECK : this.#compile(kind, schema);
      this.#compiled.set(schema, check);
    }
    return check;
  }

  #compile(kind: string, schema: JsonObject): Check {
    try {
      const compiled = z.fromJSONSchema(schema);
      return (value) => {
        const result = compiled.safeParse(value);
        return result.success
          ? NO_PROBLEMS
          : result.error.issues.slice(0, MAX_PROBLEMS).map((issue) => `${pointer(issue.path)}: ${issue.message}`);
      };
    } catch (error) {
      this.#onUnusable(kind, error);
      return NO_CHECK;
    }
  }
}

function pointer(path: readonly PropertyKey[]): string {
  return path.length === 0 ? '/' : path.map((part) => `/${String(part)}`).join('');
}
