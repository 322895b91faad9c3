/** A statement that each connection prepares once, under its name. */
export interface Statement {
  /** Also what the statement is called in metrics. */
  readonly name: string;
  readonly text: string;
}

/** A parameter's element. JSON travels as text. */
export type Cell = string | number | boolean | null;

/** Milliseconds since 1970 as timestamptz. */
export function fromMs(expression: string): string {
  return `to_timestamp(${expression} / 1000)`;
}

/** timestamptz as milliseconds since 1970. */
export function toMs(expression: string): string {
  return `(extract(epoch from ${expression}) * 1000)::float8`;
}

/** Rows that are passed as one array parameter per column. */
export class RowSet<C extends string> {
  readonly #types: Readonly<Record<C, string>>;
  readonly #names: readonly C[];

  /** Postgres type of each column. */
  constructor(types: Readonly<Record<C, string>>) {
    this.#types = types;
    this.#names = Object.keys(types) as C[];
  }

  /** Number of parameters. */
  get width(): number {
    return this.#names.length;
  }

  /** `unnest($4::uuid[], …) as alias (run_id, …)`, its parameters beginning with the given number. */
  unnest(first: number, alias: string): string {
    const parameters = this.#names.map((name, index) => `$${String(first + index)}::${this.#types[name]}[]`);
    return `unnest(${parameters.join(', ')}) as ${alias} (${this.#names.join(', ')})`;
  }

  parameters(rows: readonly Readonly<Record<C, Cell>>[]): readonly (readonly Cell[])[] {
    return this.#names.map((name) => rows.map((row) => row[name]));
  }
}
