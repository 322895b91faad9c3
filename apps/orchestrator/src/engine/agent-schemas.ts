import type { AgentOffer, JsonObject, JsonValue } from '@mainstay/types';
import { z } from 'zod';

type Check = (value: JsonValue) => readonly string[];

const NO_CHECK: Check = () => [];

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

  constructor(offers: () => ReadonlyMap<string, AgentOffer>, onUnusable: (kind: string, error: unknown) => void) {
    this.#offers = offers;
    this.#onUnusable = onUnusable;
  }

  inputProblems(kind: string, input: JsonValue): readonly string[] {
    const offer = this.#offers().get(kind);
    return offer === undefined ? [] : this.#check(kind, offer.input)(input);
  }

  outputProblems(kind: string, output: JsonValue): readonly string[] {
    const offer = this.#offers().get(kind);
    return offer === undefined ? [] : this.#check(kind, offer.output)(output);
  }

  #check(kind: string, schema: JsonObject): Check {
    let check = this.#compiled.get(schema);
    if (check === undefined) {
      check = this.#compile(kind, schema);
      this.#compiled.set(schema, check);
    }
    return check;
  }

  #compile(kind: string, schema: JsonObject): Check {
    try {
      const compiled = z.fromJSONSchema(schema);
      return (value) => {
        const result = compiled.safeParse(value);
        return result.success ? [] : result.error.issues.slice(0, MAX_PROBLEMS).map((issue) => `${pointer(issue.path)}: ${issue.message}`);
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
